package dev.kelvin.app;

import dev.kelvin.api.cache.TcpDoors;
import dev.kelvin.api.etcd.EtcdDoor;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** The two ends of a node's life that the framework would not treat as ours does. */
@Singleton
public class Lifecycle {
  private static final Logger LOG = Logger.getLogger(Lifecycle.class);

  /** The framework logs a gRPC server that cannot listen, and goes on without. */
  void started(@Observes StartupEvent event, EtcdDoor door, TcpDoors tcp, Launch launch) {
    if (!door.open()) {
      throw new IllegalStateException(
          "cannot listen on " + launch.options().listenClient() + " for clients");
    }
    launch.options().listenCache().ifPresent(at -> tcp.openCache(at.socketAddress()));
    launch.options().listenJson().ifPresent(at -> tcp.openJson(at.socketAddress()));
  }

  /** The HTTP port is the last to open. */
  void serving(@ObservesAsync HttpServerStart event, Launch launch) {
    LOG.infof(
        "Serving: etcd API on %s, HTTP on %s%s%s",
        launch.options().listenClient(),
        launch.options().listenHttp(),
        launch.options().listenCache().map(at -> ", cache protocol on " + at).orElse(""),
        launch.options().listenJson().map(at -> ", JSON on " + at).orElse(""));
    launch.whenServing().run();
  }

  /** The framework stops the gRPC server after our beans, whose answers it needs. */
  void stopping(@Observes ShutdownEvent event, EtcdDoor door, TcpDoors tcp, Launch launch) {
    launch.running().handOver();
    LOG.info("Stopping: letting requests end");
    tcp.drain();
    door.drain();
  }
}
