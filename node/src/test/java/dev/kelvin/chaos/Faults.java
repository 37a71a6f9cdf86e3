package dev.kelvin.chaos;

import dev.kelvin.chaos.Schedule.Step;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Does to a cluster what the schedule says, and takes it back. */
final class Faults {
  private static final long LEADER_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long ELECTION_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** The end of a fault; says what kind it was, or null if it came to nothing or counts later. */
  private interface End {
    FaultKind end() throws IOException, InterruptedException;
  }

  private record Lasting(Step step, long until, End end) {}

  private final Cluster cluster;
  private final Schedule schedule;
  private final Consumer<String> log;
  private final List<Lasting> lasting = new ArrayList<>();
  private final Map<FaultKind, Integer> happened = new EnumMap<>(FaultKind.class);

  /** Members that were let in, or are about to be, and for what that counts. */
  private final Map<Member, FaultKind> joining = new HashMap<>();

  /** Drawn and not begun: the next one, also of the next round. */
  private Step upcoming;

  Faults(Cluster cluster, Schedule schedule, Consumer<String> log) {
    this.cluster = cluster;
    this.schedule = schedule;
    this.log = log;
  }

  /** How often each kind really happened. */
  Map<FaultKind, Integer> happened() {
    return happened;
  }

  /** Kinds that could have happened and never did. */
  List<FaultKind> never() {
    return schedule.kinds().stream().filter(kind -> !happened.containsKey(kind)).toList();
  }

  /** Goes on with the schedule for a time, then ends what still lasts. */
  void run(long nanos) throws IOException, InterruptedException {
    long end = System.nanoTime() + nanos;
    try {
      while (System.nanoTime() < end) {
        if (upcoming == null) {
          upcoming = schedule.next();
        }
        var step = upcoming;
        await(Math.min(end, System.nanoTime() + millis(step.waitMillis())));
        if (lasting.isEmpty()) {
          awaitLeader(Math.min(end, System.nanoTime() + LEADER_NANOS));
        }
        if (System.nanoTime() >= end) {
          return;
        }
        upcoming = null;
        begin(step);
        if (!step.overlaps()) {
          await(System.nanoTime() + millis(step.holdMillis()));
        }
      }
    } finally {
      endAll();
    }
  }

  /** What hits a cluster that is down already shows little. */
  private void awaitLeader(long until) {
    while (cluster.leader() == null && System.nanoTime() < until) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void begin(Step step) throws IOException, InterruptedException {
    var end = begun(step);
    if (end == null) {
      log.accept("not possible now: " + step);
    } else {
      lasting.add(new Lasting(step, System.nanoTime() + millis(step.holdMillis()), end));
    }
  }

  /** Waits, and ends in time what ends before. */
  private void await(long until) throws IOException, InterruptedException {
    while (true) {
      long now = System.nanoTime();
      var next = lasting.stream().min(Comparator.comparingLong(Lasting::until));
      if (next.isPresent() && next.get().until() <= now) {
        end(next.get());
      } else if (now >= until) {
        return;
      } else {
        long wake = next.isPresent() ? Math.min(next.get().until(), until) : until;
        LockSupport.parkNanos(wake - now);
      }
    }
  }

  private void endAll() throws IOException, InterruptedException {
    while (!lasting.isEmpty()) {
      end(lasting.getFirst());
    }
  }

  private void end(Lasting fault) throws IOException, InterruptedException {
    lasting.remove(fault);
    var kind = fault.end().end();
    if (kind != null) {
      count(kind);
    }
  }

  /** Begins a fault; null when there is nobody whom it could hit. */
  private End begun(Step step) throws IOException, InterruptedException {
    return switch (step.kind()) {
      case KILL_ALL -> killAll(step);
      case GROW, SHRINK -> resize(step);
      case TRANSFER -> transfer(step);
      case ISOLATE_ELECTED -> isolateElected(step);
      default -> {
        var member = target(step);
        if (member == null) {
          yield null;
        }
        log.accept(step + " -> " + member);
        member.busy = true;
        var end =
            switch (step.kind()) {
              case KILL -> kill(member);
              case PAUSE_SHORT, PAUSE_LONG -> pause(member, step.kind());
              case RESTART -> restart(member);
              case REPLACE -> replace(member);
              default -> links(step, member);
            };
        yield () -> {
          try {
            return end.end();
          } finally {
            member.busy = false;
          }
        };
      }
    };
  }

  private List<Member> eligible() {
    return cluster.wanted().stream().filter(m -> !m.busy && m.process.alive()).toList();
  }

  private Member target(Step step) {
    var eligible = eligible();
    if (eligible.isEmpty()) {
      return null;
    }
    var leader = step.hitsLeader() ? cluster.leader() : null;
    return leader != null ? leader : eligible.get(step.choice() % eligible.size());
  }

  private End kill(Member member) throws InterruptedException {
    member.kill();
    return () -> {
      member.start(cluster.wantedOtherThan(member));
      return FaultKind.KILL;
    };
  }

  private End killAll(Step step) throws InterruptedException {
    var victims = eligible();
    if (victims.isEmpty()) {
      return null;
    }
    log.accept(step + " -> " + victims);
    for (var victim : victims) {
      victim.busy = true;
      victim.kill();
    }
    return () -> {
      for (var victim : victims) {
        victim.start(cluster.wantedOtherThan(victim));
        victim.busy = false;
      }
      return FaultKind.KILL_ALL;
    };
  }

  private static End pause(Member member, FaultKind kind) throws IOException, InterruptedException {
    member.process.pause();
    return () -> {
      member.process.resume();
      return kind;
    };
  }

  private End restart(Member member) throws InterruptedException {
    member.stop();
    return () -> {
      member.start(cluster.wantedOtherThan(member));
      return FaultKind.RESTART;
    };
  }

  /** As when a machine is lost for good and another takes its address. */
  private End replace(Member member) throws InterruptedException {
    var status = member.status();
    member.kill();
    var replaced =
        meanwhile(
            () -> {
              boolean removed =
                  status != null
                      && status.getMemberId() != 0
                      && cluster.remove(status.getMemberId(), member);
              if (removed) {
                member.wipe();
              }
              member.start(cluster.wantedOtherThan(member));
              return removed;
            });
    return () -> {
      if (get(replaced)) {
        joining.put(member, FaultKind.REPLACE);
      }
      return null;
    };
  }

  /** Begins what takes long, so that other faults can end in time. */
  private static Future<Boolean> meanwhile(Callable<Boolean> work) {
    var result = new FutureTask<>(work);
    Thread.ofVirtual().start(result);
    return result;
  }

  private static boolean get(Future<Boolean> result) throws InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** All members are back: those that were to join have. */
  void settled() {
    joining.values().forEach(this::count);
    joining.clear();
  }

  private void count(FaultKind kind) {
    happened.merge(kind, 1, Integer::sum);
  }

  /** More, unless that is not possible; less, unless that is not possible. */
  private End resize(Step step) throws IOException, InterruptedException {
    int size = cluster.wanted().size();
    boolean more = step.kind() == FaultKind.GROW ? size < Cluster.PLACES : size <= Cluster.FEWEST;
    return more ? grow(step) : shrink(step);
  }

  private End grow(Step step) throws IOException {
    var blank = cluster.all().stream().filter(m -> !m.wanted).findFirst().orElseThrow();
    log.accept(step + " -> one more, " + blank);
    blank.busy = true;
    blank.start(cluster.wantedOtherThan(blank));
    blank.wanted = true;
    joining.put(blank, FaultKind.GROW);
    return () -> {
      blank.busy = false;
      return null;
    };
  }

  private End shrink(Step step) throws IOException, InterruptedException {
    var member = target(step);
    var status = member == null ? null : member.status();
    if (status == null || status.getMemberId() == 0) {
      return null;
    }
    log.accept(step + " -> one less, " + member + " of " + cluster.wanted());
    member.busy = true;
    var removed = meanwhile(() -> cluster.remove(status.getMemberId(), member));
    return () -> {
      member.busy = false;
      if (!get(removed)) {
        return null;
      }
      member.wanted = false;
      member.kill();
      member.wipe();
      // Came and went within a round: both count.
      var joined = joining.remove(member);
      if (joined != null) {
        count(joined);
      }
      return FaultKind.SHRINK;
    };
  }

  private End transfer(Step step) {
    var leader = cluster.leader();
    var others = eligible().stream().filter(m -> m != leader).toList();
    if (leader == null || others.isEmpty()) {
      return null;
    }
    var to = others.get(step.choice() % others.size());
    var status = to.status();
    if (status == null) {
      return null;
    }
    log.accept(step + " -> from " + leader + " to " + to);
    try {
      leader
          .process
          .maintenance()
          .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(status.getMemberId()).build());
      return () -> FaultKind.TRANSFER;
    } catch (StatusRuntimeException e) {
      log.accept("transfer refused: " + e.getStatus());
      return () -> null;
    }
  }

  /** Cuts or slows links between the member and others. */
  private End links(Step step, Member member) {
    var links = cluster.links;
    var others = cluster.all().stream().filter(m -> m != member).toList();
    switch (step.kind()) {
      case PARTITION -> {
        // With four or five members a minority may be two.
        var minority = new ArrayList<>(List.of(member));
        if (cluster.wanted().size() > 4 && step.choice() % 2 == 0) {
          minority.add(cluster.wantedOtherThan(member).get(step.choice() % 4));
        }
        for (var one : minority) {
          for (var other : cluster.all()) {
            if (!minority.contains(other)) {
              links.cut(one.number, other.number);
              links.cut(other.number, one.number);
            }
          }
        }
        return () -> {
          minority.forEach(this::mend);
          return FaultKind.PARTITION;
        };
      }
      case ONE_WAY -> {
        boolean deaf = step.choice() % 2 == 0;
        // To one other, or to and from all.
        var cutOff = step.choice() % 4 < 2 ? others : List.of(other(step, member));
        for (var other : cutOff) {
          if (deaf) {
            links.cut(other.number, member.number);
          } else {
            links.cut(member.number, other.number);
          }
        }
      }
      default -> {
        int kbits = 32 << (step.choice() % 5);
        for (var other : others) {
          links.slow(member.number, other.number, kbits);
          links.slow(other.number, member.number, kbits);
        }
      }
    }
    return () -> {
      mend(member);
      return step.kind();
    };
  }

  private Member other(Step step, Member member) {
    var others = cluster.wantedOtherThan(member);
    return others.get(step.choice() % others.size());
  }

  private void mend(Member member) {
    for (var other : cluster.all()) {
      if (other != member) {
        cluster.links.mend(member.number, other.number);
        cluster.links.mend(other.number, member.number);
      }
    }
  }

  private void cutOff(Member member) {
    for (var other : cluster.all()) {
      if (other != member) {
        cluster.links.cut(member.number, other.number);
        cluster.links.cut(other.number, member.number);
      }
    }
  }

  /** Cuts the leader off, waits for the next one, and cuts that off at once. */
  private End isolateElected(Step step) {
    var old = cluster.leader();
    if (old == null) {
      return null;
    }
    old.busy = true;
    cutOff(old);
    Member elected = null;
    long deadline = System.nanoTime() + ELECTION_NANOS;
    while (elected == null && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL_NANOS);
      elected = cluster.leader();
    }
    if (elected != null) {
      elected.busy = true;
      cutOff(elected);
    }
    mend(old);
    if (elected != null) {
      // Mended with all links of the old one.
      cluster.links.cut(elected.number, old.number);
      cluster.links.cut(old.number, elected.number);
    }
    old.busy = false;
    log.accept(step + " -> " + elected + ", elected after " + old);
    var cut = elected;
    return () -> {
      if (cut == null) {
        return null;
      }
      mend(cut);
      cut.busy = false;
      return FaultKind.ISOLATE_ELECTED;
    };
  }
}
