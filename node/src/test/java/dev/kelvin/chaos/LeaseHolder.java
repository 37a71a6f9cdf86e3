package dev.kelvin.chaos;

import com.google.protobuf.ByteString;
import dev.kelvin.process.KeepAliveClient;
import dev.kelvin.process.NodeProcess;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * One client that takes leases, each with a key, one after the other, through all faults. It renews
 * a lease at any member for a while; then it revokes it or lets it go. As long as the last renewal
 * that was answered says so, lease and key must be there; after an answered revocation the key must
 * be nowhere.
 */
final class LeaseHolder {
  private static final long TTL_SECONDS = 2;
  private static final long PATIENCE_MILLIS = 700;
  private static final long PAUSE_MILLIS = 300;

  private final Cluster cluster;
  private final String prefix;
  private final AtomicLong ids;
  private final RandomGenerator random;
  private final Consumer<String> complain;
  private final Thread thread;
  private volatile boolean running = true;
  private volatile int held;
  private volatile int lapsed;

  /** The lease of now, and until when it is certainly there, as an answer said. */
  private long lease;

  private String key;
  private long certainUntil;

  /**
   * @param prefix of its keys, shared with others
   * @param ids of leases, shared with others
   */
  LeaseHolder(
      Cluster cluster,
      String prefix,
      AtomicLong ids,
      RandomGenerator random,
      Consumer<String> complain) {
    this.cluster = cluster;
    this.prefix = prefix;
    this.ids = ids;
    this.random = random;
    this.complain = complain;
    thread = Thread.ofPlatform().name("lease-holder").daemon().start(this::run);
  }

  /** Leases that were granted. */
  int held() {
    return held;
  }

  /** Leases of these that ended because no renewal came through in time. */
  int lapsed() {
    return lapsed;
  }

  void stop() throws InterruptedException {
    running = false;
    thread.join();
  }

  private void run() {
    try {
      while (running) {
        lease = ids.incrementAndGet();
        key = prefix + lease;
        certainUntil = Long.MIN_VALUE;
        if (granted() && put()) {
          held++;
          hold(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextLong(8000)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a member answers; null when it does not, and it is not known what became of it. */
  private <T> T ask(Function<NodeProcess, T> call) {
    var members = cluster.wanted();
    try {
      return call.apply(members.get(random.nextInt(members.size())).process);
    } catch (StatusRuntimeException e) {
      var said = String.valueOf(e.getStatus().getDescription());
      if (said.contains("requested lease not found")) {
        gone(said);
      }
      return null;
    }
  }

  private boolean granted() {
    long asked = System.nanoTime();
    var answer =
        ask(
            member ->
                member
                    .leases()
                    .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .leaseGrant(
                        LeaseGrantRequest.newBuilder().setID(lease).setTTL(TTL_SECONDS).build()));
    if (answer == null) {
      return false;
    }
    certain(asked, answer.getTTL());
    return true;
  }

  private void certain(long asked, long ttlSeconds) {
    certainUntil = Math.max(certainUntil, asked + TimeUnit.SECONDS.toNanos(ttlSeconds));
  }

  private boolean put() {
    return ask(
            member ->
                member
                    .kv()
                    .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .put(PutRequest.newBuilder().setKey(bytes(key)).setLease(lease).build()))
        != null;
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** Renews until a moment or the lease's end, then lets it go, or revokes it. */
  private void hold(long until) throws InterruptedException {
    while (running && System.nanoTime() < until) {
      var members = cluster.wanted();
      var member = members.get(random.nextInt(members.size()));
      try (var renewals = new KeepAliveClient(member.process.clientAddress(), true)) {
        long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextLong(500, 3000));
        while (running && System.nanoTime() < Math.min(next, until)) {
          long asked = System.nanoTime();
          renewals.renew(lease);
          var answer = renewals.answers.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
          if (answer == null) {
            break;
          }
          if (answer.getTTL() <= 0) {
            gone("a renewal at " + member);
            lapsed++;
            return;
          }
          certain(asked, answer.getTTL());
          look();
          TimeUnit.MILLISECONDS.sleep(random.nextLong(PAUSE_MILLIS));
        }
      }
    }
    if (random.nextBoolean()) {
      revoke();
    }
  }

  /** Somebody says that the lease is gone. */
  private void gone(String who) {
    if (System.nanoTime() < certainUntil) {
      complain.accept("lease %d is gone before its time, says %s".formatted(lease, who));
    }
  }

  private void look() {
    var found =
        ask(
            member ->
                member
                    .kv()
                    .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .range(RangeRequest.newBuilder().setKey(bytes(key)).build()));
    if (found != null && found.getCount() == 0 && System.nanoTime() < certainUntil) {
      complain.accept("key %s is gone before its lease".formatted(key));
    }
  }

  private void revoke() {
    // From here on it may be gone at any time.
    certainUntil = Long.MIN_VALUE;
    var revoked =
        ask(
            member ->
                member
                    .leases()
                    .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build()));
    if (revoked == null) {
      return;
    }
    for (var member : cluster.wanted()) {
      try {
        var answer =
            member
                .process
                .kv()
                .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .range(RangeRequest.newBuilder().setKey(bytes(key)).setSerializable(true).build());
        if (answer.getCount() > 0
            && answer.getHeader().getRevision() >= revoked.getHeader().getRevision()) {
          complain.accept("key %s outlives its revoked lease at %s".formatted(key, member));
        }
      } catch (StatusRuntimeException e) {
        // Away; it cannot show the key to anybody.
        continue;
      }
    }
  }

  /** What is left of leases and their keys at some member, in words; null when it is nothing. */
  static String left(List<Member> members, String prefix) {
    for (var member : members) {
      try {
        var leases =
            member
                .process
                .leases()
                .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .leaseLeases(LeaseLeasesRequest.getDefaultInstance());
        var keys =
            member
                .process
                .kv()
                .withDeadlineAfter(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .range(
                    RangeRequest.newBuilder()
                        .setKey(bytes(prefix))
                        .setRangeEnd(bytes(prefix + "~"))
                        .setCountOnly(true)
                        .setSerializable(true)
                        .build());
        if (leases.getLeasesCount() + keys.getCount() > 0) {
          return "%d leases and %d keys at %s"
              .formatted(leases.getLeasesCount(), keys.getCount(), member);
        }
      } catch (StatusRuntimeException e) {
        return member + " answers " + e.getStatus();
      }
    }
    return null;
  }
}
