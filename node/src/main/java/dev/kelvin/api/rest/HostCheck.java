package dev.kelvin.api.rest;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.vertx.core.net.HostAndPort;

/**
 * Takes away a {@code Host} that Vert.x's parser cannot cope with: some, as {@code a%41b}, make it
 * throw an exception that nobody handles, and the request is never answered. Without one, it is
 * refused like any other that lacks it.
 */
final class HostCheck extends ChannelInboundHandlerAdapter {
  /** As Vert.x calls it. */
  private static final String DECODER = "httpDecoder";

  /** Puts a check behind the decoder, which is there when the first bytes come. */
  static final class Entry extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.pipeline().addAfter(DECODER, null, new HostCheck());
      context.fireChannelRead(message);
      context.pipeline().remove(this);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) {
      var host = request.headers().get(HttpHeaderNames.HOST);
      if (host != null && !parses(host)) {
        request.headers().remove(HttpHeaderNames.HOST);
      }
    }
    context.fireChannelRead(message);
  }

  private static boolean parses(String host) {
    try {
      return HostAndPort.parseAuthority(host, -1) != null;
    } catch (IndexOutOfBoundsException e) {
      return false;
    }
  }
}
