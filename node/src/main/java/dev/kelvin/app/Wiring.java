package dev.kelvin.app;

import dev.kelvin.api.LeaseRequests;
import dev.kelvin.api.Limits;
import dev.kelvin.api.ReadPool;
import dev.kelvin.api.Requests;
import dev.kelvin.api.TimedWrites;
import dev.kelvin.api.cache.TcpDoors;
import dev.kelvin.api.etcd.EtcdDoor;
import dev.kelvin.api.etcd.StreamSettings;
import dev.kelvin.member.Node;
import io.grpc.BindableService;
import io.prometheus.client.CollectorRegistry;
import io.quarkus.arc.DefaultBean;
import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * What the doors are made of. The container disposes of these after the servers have stopped, the
 * node last.
 */
@Singleton
public class Wiring {
  private static final Logger LOG = Logger.getLogger(Wiring.class);

  /** Reads that miss memory wait for the disk, so there may be more of them than cores. */
  private static final int READ_THREADS = 4;

  private static final int READ_QUEUE = 1024;

  /** More of them only spread batches thin. */
  private static final int MAX_EVENT_LOOPS = 2;

  @Produces
  @Singleton
  @DefaultBean
  Launch launch() {
    return Launch.current();
  }

  @Produces
  @Singleton
  Node node(Launch launch) {
    if (launch.options().logJson()) {
      JsonLogs.install();
    }
    LOG.infof("Options: %s", launch.options().describe());
    return launch.running().node();
  }

  void close(@Disposes Node node, Launch launch) {
    LOG.info("Stopping the node");
    launch.running().close();
    LOG.info("Stopped");
  }

  @Produces
  @Singleton
  Limits limits(Launch launch) {
    var options = launch.options();
    return new Limits(options.maxRequestBytes(), options.maxTxnOps(), options.quotaBackendBytes());
  }

  /** Where the framework puts what it knows of the JVM; else it would keep that to itself. */
  @Produces
  @Singleton
  CollectorRegistry jvm() {
    return new CollectorRegistry(true);
  }

  @Produces
  @Singleton
  ReadPool readPool() {
    return new ReadPool(READ_THREADS, READ_QUEUE);
  }

  void close(@Disposes ReadPool pool) {
    pool.close();
  }

  @Produces
  @Singleton
  Requests requests(Node node, Limits limits, ReadPool pool) {
    return new Requests(node, limits, pool);
  }

  @Produces
  @Singleton
  TimedWrites timedWrites(Node node, Requests requests, Launch launch) {
    var leases = new LeaseRequests(node, requests, launch.options().electionTimeout());
    return new TimedWrites(leases);
  }

  /** Looked up by {@link dev.kelvin.api.etcd.ClientServer}, which the framework makes. */
  @Produces
  @Singleton
  @Unremovable
  EtcdDoor etcdDoor(
      Node node,
      Launch launch,
      Limits limits,
      Requests requests,
      @GrpcService BindableService health) {
    var options = launch.options();
    var streams = new StreamSettings(options.watchProgressInterval(), options.electionTimeout());
    return new EtcdDoor(node, limits, streams, requests, health, eventLoops());
  }

  void close(@Disposes EtcdDoor door) {
    door.close();
  }

  /** Opened by {@link Lifecycle}. */
  @Produces
  @Singleton
  TcpDoors tcpDoors(Node node, Requests requests) {
    return new TcpDoors(node, requests, eventLoops());
  }

  void close(@Disposes TcpDoors doors) {
    doors.close();
  }

  private static int eventLoops() {
    return Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors());
  }
}
