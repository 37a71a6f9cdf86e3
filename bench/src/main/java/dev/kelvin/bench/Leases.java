package dev.kelvin.bench;

import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Many leases: granted, then all renewed once. */
final class Leases {
  static final int LEASES = 100_000;
  private static final int GRANTS_UNDER_WAY = 256;
  private static final int STREAMS = 10;
  private static final int RENEWALS_UNDER_WAY = 1000;
  private static final long TTL_SECONDS = 3600;
  private static final long PATIENCE_SECONDS = 120;
  private static final double MIB = 1 << 20;

  /**
   * @param cpuMicros of all servers together, for each
   */
  record Rate(double perSecond, double cpuMicros) {}

  /**
   * @param mib by which the largest node grew
   */
  record Result(Rate granted, Rate renewed, double mib, double failed) {}

  private final Connections connections;
  private final List<Long> pids;
  private final AtomicLong failed = new AtomicLong();

  private Leases(Connections connections, List<Long> pids) {
    this.connections = connections;
    this.pids = pids;
  }

  static Result run(LocalCluster cluster, Connections connections) throws InterruptedException {
    var leases = new Leases(connections, cluster.pids());
    double before = Comparison.largestMib(cluster);
    var granted = leases.measure(leases::grant);
    double after = Comparison.largestMib(cluster);
    var renewed = leases.measure(leases::renew);
    return new Result(granted, renewed, after - before, leases.failed.get());
  }

  /** What is done {@link #LEASES} times. */
  private interface Work {
    void run() throws InterruptedException;
  }

  private Rate measure(Work work) throws InterruptedException {
    long cpu = Proc.cpuNanos(pids);
    long begin = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Rate(LEASES / seconds, (Proc.cpuNanos(pids) - cpu) / 1e3 / LEASES);
  }

  private void grant() throws InterruptedException {
    var underWay = new Semaphore(GRANTS_UNDER_WAY);
    for (int id = 1; id <= LEASES; id++) {
      underWay.acquire();
      LeaseGrpc.newStub(connections.get(id))
          .leaseGrant(
              LeaseGrantRequest.newBuilder().setID(id).setTTL(TTL_SECONDS).build(),
              new Answer<>(
                  _ -> underWay.release(),
                  () -> {
                    failed.incrementAndGet();
                    underWay.release();
                  }));
    }
    underWay.acquire(GRANTS_UNDER_WAY);
  }

  private void renew() throws InterruptedException {
    var underWay = new Semaphore(RENEWALS_UNDER_WAY);
    var renewed = new CountDownLatch(LEASES);
    var streams = new ArrayList<StreamObserver<LeaseKeepAliveRequest>>();
    for (int i = 0; i < STREAMS; i++) {
      streams.add(
          LeaseGrpc.newStub(connections.get(i))
              .leaseKeepAlive(
                  new Answer<LeaseKeepAliveResponse>(
                      response -> {
                        if (response.getTTL() <= 0) {
                          failed.incrementAndGet();
                        }
                        renewed.countDown();
                        underWay.release();
                      },
                      failed::incrementAndGet)));
    }
    for (int id = 1; id <= LEASES; id++) {
      if (!underWay.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("renewals stopped: " + renewed.getCount() + " to come");
      }
      streams.get(id % STREAMS).onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
    }
    if (!renewed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(renewed.getCount() + " leases were not renewed");
    }
    streams.forEach(StreamObserver::onCompleted);
  }
}
