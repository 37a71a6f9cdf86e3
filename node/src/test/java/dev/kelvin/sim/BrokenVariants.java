package dev.kelvin.sim;

import dev.kelvin.log.Disk;
import dev.kelvin.log.DurableLog;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Position;
import dev.kelvin.store.StateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Classic mistakes of consensus systems, made on purpose between the parts of a node. Each looks
 * like an innocent shortcut, and each loses or misreads data.
 */
final class BrokenVariants {
  private BrokenVariants() {}

  /** A restart forgets whom this member voted for: it can vote twice in a term. */
  static Sabotage voteForgotten() {
    return new Sabotage() {
      @Override
      public List<Faults.Kind> deck() {
        return List.of(Faults.Kind.KILL_VOTERS, Faults.Kind.DELAY);
      }

      @Override
      public void restarted(DurableLog log) {
        var state = log.hardState();
        log.append(new HardState(state.term(), 0, state.commit()), List.of());
        log.sync();
      }
    };
  }

  /** The log says it is synced while its last write is not: that comes before the next write. */
  static Sabotage acknowledgedBeforeSync() {
    return new Sabotage() {
      @Override
      public Disk disk(String node, Disk disk) {
        return new LazyDisk(disk);
      }
    };
  }

  /** Who believes to lead answers reads without asking whether others agree. */
  static Sabotage unconfirmedRead() {
    return new Sabotage() {
      @Override
      public Replica replica(Replica replica) {
        return new OtherReads(replica) {
          @Override
          public void barrier(Executor lane, Barrier barrier) {
            var status = replica.status();
            if (status.role() == RaftStatus.Role.LEADER) {
              lane.execute(barrier::reached);
            } else {
              replica.barrier(lane, barrier);
            }
          }
        };
      }
    };
  }

  /** A read waits for the round that is under way instead of the next one. */
  static Sabotage joinedRead() {
    return new Sabotage() {
      @Override
      public Replica replica(Replica replica) {
        return new JoinedReads(replica);
      }
    };
  }

  /** A leader counts replicas of entries of earlier terms, and calls them committed. */
  static Sabotage olderTermCommitted() {
    return new CountedCommit();
  }

  /** A change of members does not wait until the one before has taken effect. */
  static Sabotage changeBesideChange() {
    return new UngatedChange();
  }

  /** The applied index survives a crash that what was applied does not. */
  static Sabotage appliedIndexApart() {
    return new Sabotage() {
      @Override
      public StateMachine stateMachine(StateMachine stateMachine, Memory memory) {
        return new AppliedApart(stateMachine, memory);
      }
    };
  }

  /** A replica with another way to read. */
  private abstract static class OtherReads implements Replica {
    final Replica replica;

    private OtherReads(Replica replica) {
      this.replica = replica;
    }

    @Override
    public void propose(CommandKind kind, byte[] payload, Executor lane, Completion completion) {
      replica.propose(kind, payload, lane, completion);
    }

    @Override
    public void transferLeadership(long to) {
      replica.transferLeadership(to);
    }

    @Override
    public RaftStatus status() {
      return replica.status();
    }

    @Override
    public long leaderSilenceTicks() {
      return replica.leaderSilenceTicks();
    }
  }

  private static final class JoinedReads extends OtherReads {
    private List<Barrier> underWay;

    private JoinedReads(Replica replica) {
      super(replica);
    }

    @Override
    public void barrier(Executor lane, Barrier barrier) {
      if (underWay != null) {
        underWay.add(barrier);
        return;
      }
      var together = new ArrayList<>(List.of(barrier));
      underWay = together;
      replica.barrier(
          lane,
          new Barrier() {
            @Override
            public void reached() {
              underWay = null;
              together.forEach(Barrier::reached);
            }

            @Override
            public void failed(Failure failure) {
              underWay = null;
              together.forEach(waiting -> waiting.failed(failure));
            }
          });
    }
  }

  private static final class AppliedApart extends PassingOn {
    private final Sabotage.Memory memory;

    private AppliedApart(StateMachine inner, Sabotage.Memory memory) {
      super(inner);
      this.memory = memory;
      skipWhatCountsAsApplied();
    }

    /** Takes the place of data that were lost: all but the members. */
    private void skipWhatCountsAsApplied() {
      for (long i = inner.applied().index() + 1; i <= memory.applied.index(); i++) {
        long index = i;
        var entry =
            memory.membership.stream()
                .filter(e -> e.index() == index)
                .findFirst()
                .orElse(new Entry(index, memory.applied.term(), EntryKind.NOOP, new byte[0]));
        inner.apply(List.of(entry), StateMachine.Listener.NOBODY);
      }
    }

    @Override
    public void apply(List<Entry> entries, Listener listener) {
      inner.apply(entries, listener);
      memory.applied = inner.applied();
      entries.stream()
          .filter(entry -> entry.kind() == EntryKind.MEMBERSHIP)
          .forEach(memory.membership::add);
    }

    @Override
    public void install(Snapshot snapshot) {
      inner.install(snapshot);
      memory.applied = inner.applied();
    }

    @Override
    public Position durable() {
      return inner.applied();
    }
  }
}
