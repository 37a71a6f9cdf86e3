package dev.kelvin.differential;

import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.KVGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrpc;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.proto.etcdserverpb.MemberAddResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Carries out steps on both servers, in the same order, and compares what they say. Both begin
 * empty, so revisions are the same as long as nothing else differs.
 */
final class Execution {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Pair pair;
  private final Coverage coverage;
  private final Watching watching;

  /** When leases end, in milliseconds of this process's clock. */
  private final Map<Long, Long> ends = new HashMap<>();

  private long now;
  private final NavigableSet<Long> compactions = new TreeSet<>();

  Execution(Pair pair, Coverage coverage) {
    this.pair = pair;
    this.coverage = coverage;
    watching = new Watching(pair, coverage);
    now = pair.etcd.revision;
  }

  /**
   * Carries out steps up to the first difference, which is returned; null if there is none.
   *
   * @param passed differences to go on after
   */
  Difference run(List<Step> steps, Predicate<Difference> passed) {
    for (var step : steps) {
      var difference = run(step);
      if (difference != null && passed.test(difference)) {
        if (difference.watches()) {
          watching.stop();
        }
      } else if (difference != null) {
        watching.stop();
        var death = pair.death();
        return death.isEmpty()
            ? difference
            : new Difference(step, difference.etcd(), difference.kelvin() + "\n" + death);
      }
    }
    watching.stop();
    return null;
  }

  private Difference run(Step step) {
    return switch (step) {
      case Step.Call call -> call(call);
      case Step.Parts parts -> parts(parts);
      case Step.KeepAlive renewal -> keepAlive(renewal);
      case Step.AwaitEnd end -> awaitEnd(end);
      case Step.Watch watch -> watch(watch);
      case Step.End end -> {
        var difference = compareWatches(end);
        watching.stop();
        yield difference;
      }
    };
  }

  private Difference call(Step.Call step) {
    if (step.rpc() == Rpc.COMPACT) {
      // What a watch is still to be told of would depend on who is faster.
      var difference = compareWatches(step);
      if (difference != null) {
        return difference;
      }
    }
    return exchange(step);
  }

  private Difference exchange(Step.Call step) {
    var toEtcd = resolve(pair.etcd, step.request());
    var toKelvin = resolve(pair.kelvin, step.request());
    var request = step.rpc();
    var possible = Deliberate.refusal(toKelvin);
    if (possible != null) {
      // What etcd would do is not to be done: Kelvin is asked first.
      var alone = pair.kelvin.call(request, toKelvin);
      if (possible.refuses(alone.status())) {
        coverage.met(possible);
        return null;
      }
      return compare(step, toEtcd, pair.etcd.call(request, toEtcd), alone);
    }
    var fromKelvin = pair.kelvin.begin(request, toKelvin);
    var fromEtcd = Server.await(pair.etcd.begin(request, toEtcd));
    return compare(step, toEtcd, fromEtcd, Server.await(fromKelvin));
  }

  private Message resolve(Server server, Message message) {
    return Symbols.resolve(message, number -> resolve(server, number));
  }

  private long resolve(Server server, long number) {
    if (Symbols.near(number, Symbols.NOW)) {
      return now + number - Symbols.NOW;
    }
    return Symbols.near(number, Symbols.COMPACTED)
        ? (compactions.isEmpty() ? 0 : compactions.last()) + number - Symbols.COMPACTED
        : server.resolve(number);
  }

  private Difference compare(
      Step.Call step, Message asked, Server.Answer etcd, Server.Answer kelvin) {
    learn(asked, etcd, kelvin);
    coverage.met(step.rpc(), step.request(), etcd.status());
    if (etcd.message() != null && kelvin.message() != null) {
      return compare(step, asked, etcd.message(), kelvin.message());
    }
    if (etcd.message() == null && kelvin.message() == null) {
      var words = Deliberate.words(step.rpc(), etcd.status(), kelvin.status());
      if (words != null) {
        coverage.met(words);
        return null;
      }
      if (etcd.toString().equals(kelvin.toString())) {
        return null;
      }
    }
    if (asked instanceof HashKVRequest request
        && etcd.message() instanceof HashKVResponse hash
        && kelvin.status() != null
        && Deliberate.noted(request, hash, kelvin.status(), compactions)) {
      coverage.met(Deliberate.HASH_NOTED);
      return null;
    }
    return new Difference(step, etcd.toString(), kelvin.toString());
  }

  /** What answers say that later requests may name. */
  private void learn(Message asked, Server.Answer etcd, Server.Answer kelvin) {
    now = Math.max(now, Headers.revision(etcd.message()));
    if (asked instanceof CompactionRequest request && etcd.message() != null) {
      compactions.add(request.getRevision());
    }
    if (asked instanceof LeaseGrantRequest request
        && request.getID() == 0
        && etcd.message() instanceof LeaseGrantResponse a
        && kelvin.message() instanceof LeaseGrantResponse b) {
      pair.etcd.granted(a.getID());
      pair.kelvin.granted(b.getID());
    }
    if (etcd.message() instanceof MemberAddResponse a
        && kelvin.message() instanceof MemberAddResponse b) {
      pair.etcd.added(a.getMember().getID());
      pair.kelvin.added(b.getMember().getID());
    }
  }

  private Difference compare(Step step, Message asked, Message etcd, Message kelvin) {
    var a = Deliberate.without(Normal.of(pair.etcd, etcd), coverage);
    var b = Deliberate.without(Normal.of(pair.kelvin, kelvin), coverage);
    b = Normal.sameTime(a, Deliberate.without(asked, a, b, coverage));
    if (!a.equals(b)
        && a instanceof LeaseLeasesResponse c
        && b instanceof LeaseLeasesResponse d
        && c.getHeader().equals(d.getHeader())
        && Deliberate.sameLeases(c, d, ends)) {
      coverage.met(Deliberate.LEASE_ORDER);
      return null;
    }
    if (a instanceof LeaseGrantResponse granted) {
      noteEnd(granted.getID(), granted.getTTL());
    } else if (a instanceof LeaseKeepAliveResponse renewed) {
      noteEnd(renewed.getID(), renewed.getTTL());
    }
    return a.equals(b) ? null : new Difference(step, Symbols.print(a), Symbols.print(b));
  }

  private void noteEnd(long lease, long seconds) {
    ends.put(lease, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) + seconds * 1000);
  }

  private Difference watch(Step.Watch step) {
    // Whether an ID is free is known only when all that compactions end has ended.
    if (!step.request().hasCreateRequest() || watching.behind()) {
      var difference = compareWatches(step);
      if (difference != null) {
        return difference;
      }
    }
    // No request of a watch names what differs between the servers.
    if (resolve(pair.etcd, step.request()) instanceof WatchRequest request) {
      coverage.met("Watch/Watch", step.request(), null);
      watching.send(step.stream(), request, now);
    }
    return null;
  }

  private Difference compareWatches(Step step) {
    if (watching.none()) {
      return null;
    }
    var difference = exchange(new Step.Call(Rpc.PUT, Requests.fence()));
    return difference != null ? difference : watching.compare(step, now);
  }

  private Difference parts(Step.Parts step) {
    if (!(resolve(pair.etcd, step.request()) instanceof RangeRequest request)) {
      throw new IllegalStateException("a request of another type");
    }
    var etcd = parts(pair.etcd, request);
    var kelvin = parts(pair.kelvin, request);
    coverage.met("KV/RangeStream", step.request(), etcd.status());
    if (etcd.message() != null && kelvin.message() != null) {
      return compare(step, request, etcd.message(), kelvin.message());
    }
    if (kelvin.status() != null && Deliberate.sortedParts(request, kelvin.status())) {
      coverage.met(Deliberate.SORTED_PARTS);
      return null;
    }
    return etcd.toString().equals(kelvin.toString())
        ? null
        : new Difference(step, etcd.toString(), kelvin.toString());
  }

  /** Only the last part says more than keys; the keys of all are put before what it says. */
  private static Server.Answer parts(Server server, RangeRequest request) {
    var whole = RangeResponse.newBuilder();
    try {
      var parts =
          KVGrpc.newBlockingStub(server.channel)
              .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
              .rangeStream(request);
      while (parts.hasNext()) {
        if (whole.hasHeader()) {
          return new Server.Answer(null, Status.INTERNAL.withDescription("a part after the last"));
        }
        whole.mergeFrom(parts.next().getRangeResponse());
      }
      return new Server.Answer(whole.build(), null);
    } catch (StatusRuntimeException e) {
      return new Server.Answer(null, e.getStatus());
    }
  }

  private Difference keepAlive(Step.KeepAlive step) {
    var etcd = renew(pair.etcd, step.lease());
    var kelvin = renew(pair.kelvin, step.lease());
    var asked = LeaseKeepAliveRequest.newBuilder().setID(step.lease()).build();
    coverage.met("Lease/LeaseKeepAlive", asked, etcd.status());
    if (etcd.message() != null && kelvin.message() != null) {
      return compare(step, asked, etcd.message(), kelvin.message());
    }
    return etcd.toString().equals(kelvin.toString())
        ? null
        : new Difference(step, etcd.toString(), kelvin.toString());
  }

  /** Renews once; the stream must then end well. */
  private Server.Answer renew(Server server, long lease) {
    var ended = new CompletableFuture<Message>();
    var requests =
        LeaseGrpc.newStub(server.channel)
            .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
            .leaseKeepAlive(
                new StreamObserver<>() {
                  private LeaseKeepAliveResponse answer =
                      LeaseKeepAliveResponse.getDefaultInstance();

                  @Override
                  public void onNext(LeaseKeepAliveResponse response) {
                    answer = response;
                  }

                  @Override
                  public void onError(Throwable error) {
                    ended.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {
                    ended.complete(answer);
                  }
                });
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(resolve(server, lease)).build());
    requests.onCompleted();
    return Server.await(ended);
  }

  /** Waits until both say that the lease is gone, then until both are at the same revision. */
  private Difference awaitEnd(Step.AwaitEnd step) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (var server : List.of(pair.etcd, pair.kelvin)) {
      while (!gone(server, step.lease())) {
        if (System.nanoTime() > deadline) {
          return new Difference(step, "", server.name + " does not end the lease");
        }
        pause();
      }
    }
    long revision = revision(pair.etcd);
    while (revision(pair.kelvin) != revision) {
      if (System.nanoTime() > deadline) {
        return new Difference(
            step, "at revision " + revision, "at revision " + revision(pair.kelvin));
      }
      pause();
      revision = revision(pair.etcd);
    }
    now = revision;
    return null;
  }

  private boolean gone(Server server, long lease) {
    var request = LeaseTimeToLiveRequest.newBuilder().setID(resolve(server, lease)).build();
    return server.call(Rpc.LEASE_TIME_TO_LIVE, request).message()
            instanceof LeaseTimeToLiveResponse times
        && times.getTTL() < 0;
  }

  private static long revision(Server server) {
    return Headers.revision(server.call(Rpc.RANGE, Requests.get("x")).message());
  }

  private static void pause() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
  }
}
