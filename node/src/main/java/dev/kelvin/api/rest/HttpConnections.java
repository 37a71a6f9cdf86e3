package dev.kelvin.api.rest;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * What each connection of the HTTP port gets beside what Vert.x has for it: a bound on how long a
 * request may take to come ({@link SlowRequest}), for Vert.x knows a limit for connections without
 * any traffic only, and a look at hosts ({@link HostCheck}). Netty finds this class as a service,
 * for which a system property has to ask (jvm.options), and shows it the connections of all ports.
 */
public final class HttpConnections extends ChannelInitializerExtension {
  /** Of the docs. */
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** 0 until it is known. */
  private int port;

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    if (channel.localAddress() instanceof InetSocketAddress local && local.getPort() == port()) {
      channel
          .pipeline()
          .addFirst(new SlowRequest(LIMIT_NANOS, System::nanoTime), new HostCheck.Entry());
    }
  }

  private synchronized int port() {
    if (port == 0) {
      port = ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
    }
    return port;
  }

  /** HTTP/1.1 only: nobody asks for HTTP/2 without TLS, and it would be one more thing to guard. */
  @Singleton
  static final class Options implements HttpServerOptionsCustomizer {
    @Override
    public void customizeHttpServer(HttpServerOptions options) {
      options.setHttp2ClearTextEnabled(false);
    }
  }
}
