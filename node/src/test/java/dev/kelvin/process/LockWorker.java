package dev.kelvin.process;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A jetcd client that counts under a lock, again and again: takes it, reads the counter, writes the
 * next number, releases it. A call that fails is made again while the session lives. The write is
 * guarded by the lock's key, as etcd's documentation says to.
 */
final class LockWorker implements AutoCloseable {
  private static final ByteSequence LOCK = bytes("counting");
  private static final ByteSequence COUNTER = bytes("counter");
  private static final long PATIENCE_SECONDS = 20;

  /** Numbers that workers wrote, in the order in which they left the lock. */
  static final class Log {
    final Queue<Integer> written = new ConcurrentLinkedQueue<>();

    /** What no lock should let happen. */
    final Queue<String> violations = new ConcurrentLinkedQueue<>();

    /** How calls failed, which is no violation. */
    final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private final AtomicInteger inside = new AtomicInteger();
  }

  private interface Call<T> {
    CompletableFuture<T> make();
  }

  private final Client client;
  private final Log log;
  private final Thread thread;
  private long lease;
  private CloseableClient keeping;
  private volatile boolean stopped;

  LockWorker(List<String> endpoints, Log log) {
    client = Client.builder().endpoints(endpoints.toArray(String[]::new)).build();
    this.log = log;
    thread = Thread.ofPlatform().name("lock-worker").start(this::run);
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  private void run() {
    try {
      open();
      while (!stopped) {
        count();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.violations.add("a worker ended: " + e);
    }
  }

  private void open() throws InterruptedException {
    lease = again(() -> client.getLeaseClient().grant(8)).getID();
    keeping = client.getLeaseClient().keepAlive(lease, new Renewals());
  }

  private void count() throws InterruptedException {
    var key = again(() -> client.getLockClient().lock(LOCK, lease)).getKey();
    if (log.inside.incrementAndGet() != 1) {
      log.violations.add("two hold the lock");
    }
    int before = read();
    var next = bytes(Integer.toString(before + 1));
    again(
        () ->
            client
                .getKVClient()
                .txn()
                .If(new Cmp(key, Cmp.Op.GREATER, CmpTarget.createRevision(0)))
                .Then(Op.put(COUNTER, next, PutOption.DEFAULT))
                .commit());
    if (read() == before + 1) {
      log.written.add(before + 1);
    } else {
      log.violations.add("the lock was lost at " + before);
    }
    log.inside.decrementAndGet();
    if (failures(() -> client.getLockClient().unlock(key)) != null) {
      // It may be carried out later, so this key must not be taken again.
      renewSession();
    }
  }

  private void renewSession() throws InterruptedException {
    keeping.close();
    long old = lease;
    failures(() -> client.getLeaseClient().revoke(old));
    open();
  }

  private int read() throws InterruptedException {
    var found = again(() -> client.getKVClient().get(COUNTER)).getKvs();
    return found.isEmpty()
        ? 0
        : Integer.parseInt(found.getFirst().getValue().toString(StandardCharsets.UTF_8));
  }

  private <T> T again(Call<T> call) throws InterruptedException {
    while (true) {
      try {
        return call.make().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        log.failures.add(String.valueOf(e.getCause()));
        if (stopped) {
          throw new InterruptedException();
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  /** Null if it went well. */
  private <T> Exception failures(Call<T> call) throws InterruptedException {
    try {
      call.make().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException | TimeoutException e) {
      log.failures.add(String.valueOf(e.getCause()));
      return e;
    }
  }

  private final class Renewals implements StreamObserver<LeaseKeepAliveResponse> {
    @Override
    public void onNext(LeaseKeepAliveResponse response) {
      if (response.getTTL() <= 0) {
        log.violations.add("a session that was kept alive ended");
      }
    }

    @Override
    public void onError(Throwable problem) {
      log.failures.add("renewals: " + problem);
    }

    @Override
    public void onCompleted() {
      // The worker closed it.
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
      thread.interrupt();
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    client.close();
  }
}
