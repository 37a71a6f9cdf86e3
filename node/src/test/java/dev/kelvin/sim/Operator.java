package dev.kelvin.sim;

import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.Member;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Whoever cares for the cluster: lets machines in, takes members out (and empties their machines,
 * once nobody counts on them any more), and replaces what lost its volume. It looks at what was
 * achieved and asks again for what was not; its requests may be lost, late, or carried out twice
 * like anybody's.
 */
final class Operator {
  private static final long LOOK_EVERY = 100 * Scheduler.MILLISECOND;

  private static final long PATIENCE = 1500 * Scheduler.MILLISECOND;

  /** Member numbers are never used twice. */
  private long nextMember = 101;

  private final World world;
  private final RandomGenerator random;
  private final List<Job> jobs = new ArrayList<>();

  /** Something to achieve, in steps that may each have to be asked for again. */
  private abstract class Job {
    private long askAgain;

    /** Looks, and asks for the next step; true when there is nothing left to do. */
    abstract boolean advance();

    void ask(MemberChange change, SimNode node) {
      if (node != null && world.scheduler().now() >= askAgain) {
        askAgain = world.scheduler().now() + PATIENCE;
        propose(change, node, () -> askAgain = world.scheduler().now());
      }
    }
  }

  Operator(World world) {
    this.world = world;
    this.random = world.seeds().of("operator");
  }

  void start() {
    world.scheduler().after(LOOK_EVERY, this::look);
  }

  private void look() {
    List.copyOf(jobs).stream().filter(Job::advance).toList().forEach(jobs::remove);
    world.scheduler().after(LOOK_EVERY, this::look);
  }

  boolean idle() {
    return jobs.isEmpty();
  }

  @Override
  public String toString() {
    return "operator with " + jobs;
  }

  long newMember() {
    return nextMember++;
  }

  /**
   * Lets a machine without data in: learner, caught up, voter.
   *
   * @param done called once it votes
   */
  void add(SimNode node, Runnable done) {
    begin(new Join(node, newMember(), done));
  }

  /** Takes a member out for good; its machine is emptied then. */
  void remove(long member) {
    begin(new Leave(member, null));
  }

  /** Asks one node for two members to be taken out, in one breath. */
  void removeBoth(long one, long other) {
    var through = somebody();
    begin(new Leave(one, through));
    begin(new Leave(other, through));
  }

  /** A machine lost its volume: its old member goes, and it comes back as another. */
  void replace(SimNode node, long lost) {
    begin(new Replace(node, lost));
  }

  private void begin(Job job) {
    if (!job.advance()) {
      jobs.add(job);
    }
  }

  private final class Replace extends Job {
    private final SimNode node;
    private final Leave leave;

    private Replace(SimNode node, long lost) {
      this.node = node;
      this.leave = new Leave(lost, null);
    }

    @Override
    public String toString() {
      return "replacement, " + leave;
    }

    @Override
    boolean advance() {
      if (!leave.advance()) {
        return false;
      }
      add(node, () -> world.tally().count(Happening.REJOINED));
      return true;
    }
  }

  private final class Join extends Job {
    private final SimNode node;
    private final long id;
    private final Runnable done;

    private Join(SimNode node, long id, Runnable done) {
      this.node = node;
      this.id = id;
      this.done = done;
    }

    @Override
    public String toString() {
      return "join of " + id;
    }

    @Override
    boolean advance() {
      var member = world.cluster().member(id);
      if (member.isEmpty()) {
        if (world.cluster().removed().contains(id)) {
          return true;
        }
        ask(new MemberChange.Add(world.member(id, node.name(), true)), somebody());
        return false;
      }
      if (node.member() == 0) {
        world.tally().count(Happening.MEMBERS_ADDED);
        node.join(id);
      }
      if (member.get().learner()) {
        if (caughtUp()) {
          ask(new MemberChange.Promote(id), somebody());
        }
        return false;
      }
      world.tally().count(Happening.MEMBERS_PROMOTED);
      done.run();
      return true;
    }

    private boolean caughtUp() {
      var leader = world.leader();
      return leader != null
          && leader.status().peers().stream()
              .anyMatch(
                  peer -> peer.member() == id && peer.match() + 20 > leader.status().commit());
    }
  }

  private final class Leave extends Job {
    private final long id;
    private SimNode firstThrough;

    /**
     * @param firstThrough the node to be asked first; null for any
     */
    private Leave(long id, SimNode firstThrough) {
      this.id = id;
      this.firstThrough = firstThrough;
    }

    @Override
    public String toString() {
      return "leave of " + id;
    }

    @Override
    boolean advance() {
      if (!world.cluster().removed().contains(id)) {
        ask(new MemberChange.Remove(id), firstThrough == null ? somebody() : firstThrough);
        firstThrough = null;
        return false;
      }
      var node = world.machineOf(id);
      if (node != null && !allKnow()) {
        return false;
      }
      world.tally().count(Happening.MEMBERS_REMOVED);
      if (node != null) {
        node.loseVolume();
      }
      return true;
    }
  }

  /** Until then somebody may count on a member that is to go. */
  private boolean allKnow() {
    for (var voter : world.voters()) {
      if (voter == null || !voter.applied(world.clusterIndex())) {
        return false;
      }
    }
    return true;
  }

  /** A member that serves; null when none does. */
  private SimNode somebody() {
    var serving =
        world.nodes().stream()
            .filter(SimNode::serving)
            .filter(node -> world.cluster().member(node.member()).isPresent())
            .toList();
    return serving.isEmpty() ? null : serving.get(random.nextInt(serving.size()));
  }

  private void propose(MemberChange change, SimNode node, Runnable answered) {
    world.trace().line("operator", "asks " + node.name() + ": " + said(change));
    node.propose(
        CommandKind.MEMBER,
        MemberChangeCodec.encode(change),
        new Replica.Completion() {
          @Override
          public void done(Outcome outcome) {
            answered.run();
            if (outcome instanceof Outcome.Failed(var error)) {
              world.trace().line("operator", said(change) + " refused: " + error);
            }
          }

          @Override
          public void failed(Replica.Failure failure) {
            answered.run();
            world.trace().line("operator", said(change) + " failed: " + failure);
          }
        });
  }

  private static String said(MemberChange change) {
    return switch (change) {
      case MemberChange.Add(Member member) -> "add " + member.id();
      case MemberChange.Promote(long id) -> "promote " + id;
      case MemberChange.Remove(long id) -> "remove " + id;
      default -> change.toString();
    };
  }
}
