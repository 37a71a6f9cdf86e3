package dev.kelvin.api.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HostCheckTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();

  HostCheckTest() {
    channel.pipeline().addLast(new HostCheck.Entry());
    channel.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
  }

  private String hostAfter(String host) {
    var text = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    HttpRequest request = channel.readInbound();
    ReferenceCountUtil.release(channel.readInbound());
    return request.headers().get("Host");
  }

  @Test
  void hostsPassAsTheyAre() {
    for (var host : new String[] {"kelvin", "kelvin:2381", "a&b", "127.0.0.1:2381", "[::1]:2381"}) {
      assertEquals(host, hostAfter(host));
    }
  }

  @Test
  void thoseThatCannotBeParsedAreTakenAway() {
    for (var host : new String[] {"a%41b", "%zz", "kelvi%", "kelvin:99999999999"}) {
      assertNull(hostAfter(host), host);
    }
  }
}
