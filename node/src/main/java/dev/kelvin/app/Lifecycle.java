package dev.kelvin.app;

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
  void started(@Observes StartupEvent event, EtcdDoor door, Launch launch) {
    if (!door.open()) {
      throw new IllegalStateException(
          "cannot listen on " + launch.options().listenClient() + " for clients");
    }
  }

  /** The HTTP port is the last to open. */
  void serving(@ObservesAsync HttpServerStart event, Launch launch) {
    LOG.infof(
        "Serving: etcd API on %s, HTTP on %s",
        launch.options().listenClient(), launch.options().listenHttp());
    launch.whenServing().run();
  }

  /** The framework stops the gRPC server after our beans, whose answers it needs. */
  void stopping(@Observes ShutdownEvent event, EtcdDoor door, Launch launch) {
    launch.running().handOver();
    LOG.info("Stopping: letting requests end");
    door.drain();
  }
}
