package dev.kelvin.api.rest;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Bounds how long a request may take to come on each connection of the HTTP port: Vert.x knows a
 * limit for connections without any traffic only. Netty finds this class as a service, for which a
 * system property has to ask (jvm.options), and shows it the connections of all ports.
 */
public final class SlowRequests extends ChannelInitializerExtension {
  /** Of the docs. */
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** 0 until it is known. */
  private int port;

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    if (channel.localAddress() instanceof InetSocketAddress local && local.getPort() == port()) {
      channel.pipeline().addFirst(new SlowRequest(LIMIT_NANOS, System::nanoTime));
    }
  }

  private synchronized int port() {
    if (port == 0) {
      port = ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
    }
    return port;
  }
}
