package dev.kelvin.sim;

import dev.kelvin.sim.Network.Weather;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * What goes wrong, and when. Faults are drawn from a shuffled deck that holds every kind, so that a
 * run meets each of them; several may be in force at once. None is ever more than the cluster
 * promises to survive: volumes are lost one at a time, and only while the others are a quorum.
 */
final class Faults {
  /** Mean time from one fault to the next. */
  private static final long PAUSE_BETWEEN = 300 * Scheduler.MILLISECOND;

  private static final long SHORT = 300 * Scheduler.MILLISECOND;
  private static final long LONG = 700 * Scheduler.MILLISECOND;

  /** Kinds of fault, with how many cards each has in the deck. */
  enum Kind {
    DROP(2),
    DELAY(2),
    REORDER(1),
    DUPLICATE(1),
    PARTITION(3),
    ONE_WAY_PARTITION(2),
    TOPPLE_LEADERS(1),
    PAUSE(2),
    SLOW_DISK(1),
    CLOCK_JUMP(1),
    CLOCK_RATE(1),
    KILL(2),
    CRASH_IN_SYNC(3),
    KILL_VOTERS(1),
    POWER_LOSS(1),
    LOSE_VOLUME(2),
    ADD_MEMBER(3),
    REMOVE_MEMBER(1),
    CHANGE_SIDE_BY_SIDE(3),
    TRANSFER(2),
    FLUSH(2);

    private final int cards;

    Kind(int cards) {
      this.cards = cards;
    }

    /** Every kind, as often as it has cards. */
    static List<Kind> everything() {
      return Stream.of(values()).flatMap(k -> Collections.nCopies(k.cards, k).stream()).toList();
    }
  }

  private final World world;
  private final Operator operator;
  private final RandomGenerator random;
  private final Deque<Kind> deck = new ArrayDeque<>();
  private int weatherNumber;
  private int cutNumber;
  private boolean over;

  Faults(World world, Operator operator) {
    this.world = world;
    this.operator = operator;
    this.random = world.seeds().of("faults");
  }

  void start() {
    world
        .scheduler()
        .after(
            Seeds.around(random, PAUSE_BETWEEN),
            () -> {
              if (!over) {
                happen(draw());
                start();
              }
            });
  }

  /** No more faults; mends everything and starts whatever is down. */
  void end() {
    over = true;
    world.whenElected(null);
    world.whenMembersChange(() -> {});
    world.trace().line("faults", "end: everything is mended");
    world.network().weather(Weather.FAIR);
    world.network().mend();
    for (var node : world.nodes()) {
      node.clockRate(1);
      node.slowDisk(0);
      node.resume();
      node.calm();
      node.restart();
    }
  }

  private Kind draw() {
    if (deck.isEmpty()) {
      var cards = new ArrayList<>(world.sabotage().deck());
      shuffle(cards);
      deck.addAll(cards);
    }
    return deck.poll();
  }

  private void happen(Kind kind) {
    world.trace().line("faults", kind.name());
    switch (kind) {
      case DROP -> weather(new Weather(0.05 + 0.3 * random.nextDouble(), 0, 0, 0, 0));
      case DELAY -> weather(new Weather(0, 0.4, 80 * Scheduler.MILLISECOND, 0, 0));
      case REORDER -> weather(new Weather(0, 0.1, 10 * Scheduler.MILLISECOND, 0.4, 0));
      case DUPLICATE -> weather(new Weather(0, 0.1, 30 * Scheduler.MILLISECOND, 0.1, 0.4));
      case PARTITION -> partition();
      case ONE_WAY_PARTITION -> oneWay();
      case TOPPLE_LEADERS -> toppleLeaders();
      case PAUSE -> pause();
      case SLOW_DISK -> slowDisk();
      case CLOCK_JUMP -> jump();
      case CLOCK_RATE -> rate();
      case KILL -> kill();
      case CRASH_IN_SYNC -> crashInSync();
      case KILL_VOTERS -> killVoters();
      case POWER_LOSS -> powerLoss();
      case LOSE_VOLUME -> loseVolume();
      case ADD_MEMBER -> addMember();
      case REMOVE_MEMBER -> removeMember();
      case CHANGE_SIDE_BY_SIDE -> changeSideBySide();
      case TRANSFER -> transfer();
      case FLUSH -> any(running()).flush();
    }
  }

  private void weather(Weather weather) {
    int number = ++weatherNumber;
    world.network().weather(weather);
    later(
        LONG,
        () -> {
          if (number == weatherNumber) {
            world.network().weather(Weather.FAIR);
          }
        });
  }

  /** Splits the machines in two at random; often the leader is alone. */
  private void partition() {
    var alone = random.nextBoolean() ? world.leader() : null;
    boolean[] side = new boolean[world.nodes().size()];
    for (int i = 0; i < side.length; i++) {
      side[i] = alone == null ? random.nextBoolean() : alone.place() == i;
    }
    split(side, LONG);
  }

  private void split(boolean[] side, long mean) {
    cut(side);
    world.tally().count(Happening.PARTITIONS);
    mendLater(mean);
  }

  private void cut(boolean[] side) {
    for (int from = 0; from < side.length; from++) {
      for (int to = 0; to < side.length; to++) {
        if (side[from] != side[to]) {
          world.network().cut(from, to);
        }
      }
    }
  }

  /** One machine hears the others but is not heard, or the other way round. */
  private void oneWay() {
    int victim = any(world.machines()).place();
    boolean deaf = random.nextBoolean();
    for (int other = 0; other < world.nodes().size(); other++) {
      if (other != victim) {
        world.network().cut(deaf ? other : victim, deaf ? victim : other);
      }
    }
    world.tally().count(Happening.ONE_WAY_PARTITIONS);
    mendLater(LONG);
  }

  private void mendLater(long mean) {
    int number = ++cutNumber;
    later(
        mean,
        () -> {
          if (number == cutNumber) {
            world.network().mend();
          }
        });
  }

  private void pause() {
    var node = random.nextBoolean() && world.leader() != null ? world.leader() : any(running());
    node.pause();
    world.tally().count(Happening.PAUSES);
    later(LONG, node::resume);
  }

  private void slowDisk() {
    var node = any(world.machines());
    node.slowDisk(50 * Scheduler.MILLISECOND);
    world.tally().count(Happening.SLOW_DISKS);
    later(LONG, () -> node.slowDisk(0));
  }

  private void jump() {
    any(running()).jumpClock(1 + random.nextInt(300));
    world.tally().count(Happening.CLOCK_JUMPS);
  }

  private void rate() {
    any(world.nodes()).clockRate(0.6 + random.nextDouble());
    world.tally().count(Happening.CLOCK_RATES);
  }

  private void kill() {
    var node = any(running());
    node.kill("by hand");
    world.tally().count(Happening.KILLS);
    later(SHORT, node::restart);
  }

  /** The power fails at one of the next syncs of a node's log: before it, or half-way through. */
  private void crashInSync() {
    var node = any(running());
    node.cutPowerIn(1 + random.nextInt(6));
    later(LONG, node::restart);
  }

  /** The leader is silent; whoever votes for another dies of it, and is back at once. */
  private void killVoters() {
    var leader = world.leader();
    if (leader == null) {
      return;
    }
    leader.pause();
    later(3 * LONG, leader::resume);
    for (var node : world.machines()) {
      node.killAfterVote(
          () -> {
            world.tally().count(Happening.KILLS_AFTER_VOTE);
            later(5 * Scheduler.MILLISECOND, node::restart);
          });
    }
  }

  private void powerLoss() {
    for (var node : world.nodes()) {
      node.losePower("it fails everywhere");
      later(SHORT, node::restart);
    }
    world.tally().count(Happening.POWER_LOSSES);
  }

  private void loseVolume() {
    var voters = world.voters();
    if (!operator.idle() || voters.size() < 3) {
      return;
    }
    var node = any(voters);
    // Who has not heard of the newest members may need more of the older ones to elect a leader.
    for (var other : voters) {
      if (other != node && !other.knowsDurably(world.clusterIndex())) {
        return;
      }
    }
    long lost = node.member();
    node.loseVolume();
    world.tally().count(Happening.VOLUMES_LOST);
    operator.replace(node, lost);
  }

  private void addMember() {
    var free = free();
    if (operator.idle() && !free.isEmpty()) {
      operator.add(any(free), () -> {});
    }
  }

  private void removeMember() {
    var voters = List.copyOf(world.cluster().membership().voters());
    if (operator.idle() && voters.size() > 3) {
      operator.remove(any(voters));
    }
  }

  /**
   * Two of five voters are to go at once, and when that takes effect on the leader the network
   * splits: on one side enough of the old members to elect a leader, on the other enough of the
   * new.
   */
  private void changeSideBySide() {
    var leader = world.leader();
    var voters = world.voters();
    if (!operator.idle() || voters.size() < 5 || !voters.remove(leader)) {
      return;
    }
    shuffle(voters);
    boolean[] side = new boolean[world.nodes().size()];
    for (var node : voters.subList(0, 3)) {
      side[node.place()] = true;
    }
    world.whenMembersChange(() -> split(side, 4 * LONG));
    operator.removeBoth(voters.get(0).member(), voters.get(1).member());
    world.tally().count(Happening.CONCURRENT_CHANGES);
  }

  /**
   * Whoever is elected is soon cut off, with what it has written and not replicated, and whoever
   * was before is back: leaders of many terms leave tails that differ (Raft paper, figure 8).
   */
  private void toppleLeaders() {
    int number = ++cutNumber;
    int[] left = {3 + random.nextInt(4)};
    world.whenElected(
        node -> {
          if (left[0]-- <= 0) {
            world.whenElected(null);
            return;
          }
          world.tally().count(Happening.LEADERS_TOPPLED);
          later(
              Scheduler.MILLISECOND,
              () -> {
                world.network().mend();
                isolate(node);
              });
        });
    var leader = world.leader();
    if (leader != null) {
      isolate(leader);
    }
    later(
        10 * Scheduler.SECOND,
        () -> {
          world.whenElected(null);
          if (number == cutNumber) {
            world.network().mend();
          }
        });
  }

  private void isolate(SimNode node) {
    boolean[] side = new boolean[world.nodes().size()];
    side[node.place()] = true;
    cut(side);
  }

  private void transfer() {
    var leader = world.leader();
    var voters = List.copyOf(world.cluster().membership().voters());
    if (leader != null && !voters.isEmpty()) {
      leader.transferLeadership(any(voters));
      world.tally().count(Happening.TRANSFERS);
    }
  }

  private List<SimNode> free() {
    return world.nodes().stream().filter(node -> node.member() == 0).toList();
  }

  /** Never empty: where nothing runs, the machines themselves. */
  private List<SimNode> running() {
    var running = world.nodes().stream().filter(SimNode::serving).toList();
    return running.isEmpty() ? world.nodes() : running;
  }

  private <T> void shuffle(List<T> list) {
    for (int i = list.size() - 1; i > 0; i--) {
      list.set(i, list.set(random.nextInt(i + 1), list.get(i)));
    }
  }

  private <T> T any(List<T> choice) {
    return choice.get(random.nextInt(choice.size()));
  }

  private void later(long mean, Runnable task) {
    world
        .scheduler()
        .after(
            Seeds.around(random, mean),
            () -> {
              if (!over) {
                task.run();
              }
            });
  }
}
