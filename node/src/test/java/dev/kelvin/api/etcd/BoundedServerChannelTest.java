package dev.kelvin.api.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class BoundedServerChannelTest {
  private static final int GREETING = 7;
  private static final int END = -1;

  @Sharable
  private static final class Greeter extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(context.alloc().buffer(1).writeByte(GREETING));
    }
  }

  /** First byte the server sends, or {@link #END}. */
  private static int first(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    try {
      return socket.getInputStream().read();
    } catch (java.net.SocketException reset) {
      return END;
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosedUntilOneOfTheOthersIs() throws Exception {
    var group = new NioEventLoopGroup(1);
    try {
      var server =
          new ServerBootstrap()
              .group(group)
              .channelFactory(() -> new BoundedServerChannel(2))
              .childHandler(new Greeter())
              .bind("127.0.0.1", 0)
              .sync()
              .channel();
      int port = ((InetSocketAddress) server.localAddress()).getPort();
      try (var one = new Socket("127.0.0.1", port);
          var two = new Socket("127.0.0.1", port)) {
        assertEquals(GREETING, first(one));
        assertEquals(GREETING, first(two));
        for (int i = 0; i < 3; i++) {
          try (var beyond = new Socket("127.0.0.1", port)) {
            assertEquals(END, first(beyond));
          }
        }
        one.shutdownOutput();
        int answer = END;
        // The server hears of the closing in its own time.
        for (int i = 0; i < 1_000 && answer == END; i++) {
          try (var again = new Socket("127.0.0.1", port)) {
            answer = first(again);
          }
        }
        assertEquals(GREETING, answer);
      }
      server.close().sync();
    } finally {
      group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();
    }
  }
}
