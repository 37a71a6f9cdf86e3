package dev.kelvin.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.replica.Replica;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Rolls a cluster under load between releases that write different formats of commands. A release
 * reads a format before any writes it, and the cluster writes only what its lowest member reads.
 */
class FormatRollTest {
  /** As a later release might: version 2 says more in the header's extension. */
  private static final class Release extends CommandCodec {
    private Release(int reads, int writes) {
      super(writes, IntStream.rangeClosed(1, reads).boxed().collect(Collectors.toSet()));
    }

    @Override
    protected byte[] extension(int version) {
      return version < 2 ? new byte[0] : new byte[] {1, 2, 3, 4, 5};
    }
  }

  private static final Release OLD = new Release(1, 1);
  private static final Release READS_NEW = new Release(2, 1);
  private static final Release NEW = new Release(2, 2);

  /** Formats of the commands applied since it was last emptied. */
  private final TreeSet<Integer> applied = new TreeSet<>();

  private final Simulation simulation = new Simulation(42, new Formats(), null);
  private final World world = simulation.world();

  private final class Formats implements Sabotage {
    @Override
    public StateMachine stateMachine(StateMachine stateMachine, Memory memory) {
      return new PassingOn(stateMachine) {
        @Override
        public void apply(List<Entry> entries, Listener listener) {
          inner.apply(entries, listener);
          entries.stream()
              .filter(entry -> entry.kind() != EntryKind.NOOP)
              .forEach(entry -> applied.add((int) entry.data()[0]));
        }
      };
    }
  }

  @AfterEach
  void free() {
    world.close();
  }

  @Test
  void rollsToANewFormatAndBackUnderLoadWithNothingLost() {
    startOn(OLD);
    roll(READS_NEW, 2);
    work();
    assertEquals(new TreeSet<>(List.of(1)), applied, "nobody writes the new format yet");

    roll(NEW, 2);
    watchAnew();
    work();
    assertEquals(new TreeSet<>(List.of(2)), applied, "all write the new format");

    roll(READS_NEW, 2);
    watchAnew();
    work();
    assertEquals(new TreeSet<>(List.of(1)), applied, "all write the old format again");

    // What is applied durably is not read again: now the new format can be forgotten.
    world.machines().forEach(SimNode::flush);
    roll(OLD, 1);
    work();
    simulation.comeToRestAndCheck();
    assertTrue(simulation.clients().history().size() > 100, "there was traffic");
  }

  @Test
  void writesTheOldFormatUntilTheLastMemberReadsTheNew() {
    startOn(OLD);
    rollOne(world.machines().get(0), NEW, 2);
    rollOne(world.machines().get(1), NEW, 2);
    watchAnew();
    work();
    assertEquals(new TreeSet<>(List.of(1)), applied);
    rollOne(world.machines().get(2), NEW, 2);
    watchAnew();
    work();
    assertEquals(new TreeSet<>(List.of(2)), applied);
    simulation.comeToRestAndCheck();
  }

  @Test
  void stopsAndSaysSoWhereItMeetsAFormatItCannotRead() {
    startOn(NEW);
    world.machines().forEach(node -> announce(node, 2));
    var refusals = new ArrayList<String>();
    world.whenRefused((node, why) -> refusals.add(node.name() + ": " + why.getMessage()));
    var node = world.machines().getFirst();
    node.kill("to be replaced by an older release");
    work();
    node.release(OLD);
    node.restart();
    simulation.until("the refusal", () -> !refusals.isEmpty());
    assertEquals(
        List.of(
            node.name()
                + ": entry of format version 2; start the version of Kelvin that wrote it, or a later one"),
        refusals);
    assertFalse(node.running(), "it stopped");
    work();

    node.release(NEW);
    node.restart();
    simulation.comeToRestAndCheck();
  }

  private void startOn(Release release) {
    world.nodes().forEach(node -> node.release(release));
    simulation.foundCluster(3);
    simulation.clients().start();
    work();
  }

  /** Lets what was written before end, and watches only what comes from now on. */
  private void watchAnew() {
    long quiet = world.scheduler().now() + 3 * Scheduler.SECOND;
    simulation.until("what was under way has ended", () -> world.scheduler().now() > quiet);
    applied.clear();
  }

  /** Lets clients work for a while. */
  private void work() {
    long operations = world.tally().of(Happening.OPERATIONS) + 60;
    simulation.until("more operations", () -> world.tally().of(Happening.OPERATIONS) >= operations);
  }

  private void roll(Release release, int reads) {
    List.copyOf(world.machines()).forEach(node -> rollOne(node, release, reads));
  }

  private void rollOne(SimNode node, Release release, int reads) {
    node.kill("to be replaced by another release");
    node.release(release);
    node.restart();
    announce(node, reads);
  }

  /** The member says which format it reads, as it does after every start. */
  private void announce(SimNode node, int reads) {
    simulation.until(
        node.name() + " has announced format " + reads,
        () -> {
          boolean known =
              world.machines().stream()
                  .allMatch(
                      other ->
                          other.running()
                              && other.store().cluster().member(node.member()).stream()
                                  .anyMatch(member -> member.format() == reads));
          if (!known) {
            claim(node, reads);
          }
          return known;
        });
  }

  private long lastClaim;

  private void claim(SimNode node, int reads) {
    if (world.scheduler().now() < lastClaim + Scheduler.SECOND) {
      return;
    }
    lastClaim = world.scheduler().now();
    var claim =
        new MemberChange.Claim(
            node.member(),
            node.member(),
            node.name(),
            List.of("http://" + node.name() + ":2380"),
            List.of(),
            reads);
    node.propose(CommandKind.MEMBER, MemberChangeCodec.encode(claim), IGNORED);
  }

  private static final Replica.Completion IGNORED =
      new Replica.Completion() {
        @Override
        public void done(Outcome outcome) {}

        @Override
        public void failed(Replica.Failure failure) {}
      };
}
