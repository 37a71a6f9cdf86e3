package dev.kelvin.sim;

import com.google.protobuf.ByteString;
import dev.kelvin.checker.Linearizability;
import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.Violation;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.store.CommandCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One run from one seed: found a cluster of three or five, load it with requests and faults, mend
 * everything, wait until it is quiet, and check what must hold.
 */
final class Simulation {
  static final int MIN_OPERATIONS = 500;

  private static final long FAULTY = 15 * Scheduler.SECOND;
  private static final long MOST_FAULTY = 30 * Scheduler.SECOND;
  private static final long PATIENCE = 60 * Scheduler.SECOND;
  private static final long CLUSTER_ID = 0xC0FFEE;

  /** Formats of commands, that of a release to come included. */
  private static final Set<Integer> READABLE =
      Set.of(CommandCodec.CURRENT, CommandCodec.CURRENT + 1);

  /**
   * How a run ended.
   *
   * @param hash of the whole trace
   * @param violation null when all is well
   * @param end last lines of the trace
   */
  record Result(
      long seed, Tally tally, long hash, long time, Violation violation, List<String> end) {}

  private final World world;
  private final Operator operator;
  private final Faults faults;
  private final Clients clients;

  Simulation(long seed, Sabotage sabotage, List<String> lines) {
    world = new World(seed, sabotage, lines);
    operator = new Operator(world);
    faults = new Faults(world, operator);
    clients =
        new Clients(
            world.scheduler(),
            world.seeds().of("clients"),
            world::machines,
            world.tally(),
            world.trace());
  }

  static Result run(long seed) {
    return run(seed, Sabotage.NONE, null);
  }

  /**
   * @param lines receives the whole trace, unless null
   */
  static Result run(long seed, Sabotage sabotage, List<String> lines) {
    var simulation = new Simulation(seed, sabotage, lines);
    var world = simulation.world;
    Violation violation = null;
    try {
      simulation.run();
    } catch (Violation e) {
      violation = e;
      world.trace().line("check", e.getMessage());
    } finally {
      world.close();
    }
    return new Result(
        seed,
        world.tally(),
        world.trace().hash(),
        world.scheduler().now(),
        violation,
        world.trace().last(60));
  }

  private void run() {
    foundCluster(world.seeds().of("size").nextBoolean() ? 3 : 5);
    clients.start();
    faults.start();
    long start = world.scheduler().now();
    until(
        "the end of the faults",
        () ->
            world.scheduler().now() > start + MOST_FAULTY
                || (world.scheduler().now() > start + FAULTY && enough()));
    faults.end();
    until(MIN_OPERATIONS + " operations", this::enough);
    comeToRestAndCheck();
  }

  World world() {
    return world;
  }

  Clients clients() {
    return clients;
  }

  void foundCluster(int size) {
    operator.start();
    world.nodes().get(0).found(CLUSTER_ID, operator.newMember());
    for (int i = 1; i < size; i++) {
      operator.add(world.nodes().get(i), () -> {});
    }
    until("a cluster of " + size, () -> world.cluster().membership().voters().size() == size);
  }

  /** Lets faults happen for a while, and mends what they broke. */
  void suffer(long time) {
    faults.start();
    long end = world.scheduler().now() + time;
    until("the end of the faults", () -> world.scheduler().now() > end);
    faults.end();
  }

  /** Until nothing is left to be done, where no clients ask. */
  void rest() {
    until("quiet", () -> operator.idle() && settled());
  }

  /** Lets everything under way end, and checks the outcome. Nothing may be broken any more. */
  void comeToRestAndCheck() {
    clients.stop();
    until(
        "quiet after everything was mended", () -> clients.idle() && operator.idle() && settled());
    lastWords();
    equalContents();
    Linearizability.check(clients.history(), loggedOrder());
  }

  /** The log's order of the clients' writes: no proof of anything, but worth trying first. */
  private List<Request> loggedOrder() {
    var requests = new HashMap<ByteString, Request>();
    for (var op : clients.history()) {
      if (!(op.request() instanceof Request.Range)) {
        requests.put(ByteString.copyFrom(Etcd.payload(op.request())), op.request());
      }
    }
    var codec = new CommandCodec(CommandCodec.CURRENT, READABLE);
    var order = new ArrayList<Request>();
    for (var data : world.invariants().commands()) {
      var request = requests.get(codec.decode(data).payload());
      if (request != null) {
        order.add(request);
      }
    }
    return order;
  }

  private boolean enough() {
    return world.tally().of(Happening.OPERATIONS) >= MIN_OPERATIONS;
  }

  /** Goes on until something is so; that it never is, is a failure too. */
  void until(String what, BooleanSupplier reached) {
    long deadline = world.scheduler().now() + PATIENCE;
    while (!reached.getAsBoolean()) {
      if (!world.scheduler().step() || world.scheduler().now() > deadline) {
        throw new Violation("liveness", "never reached: " + what + "; " + standing());
      }
    }
  }

  /** One leader, known to all, and nothing left to replicate or apply. */
  private boolean settled() {
    var leader = world.leader();
    if (leader == null) {
      return false;
    }
    var status = leader.status();
    if (status.applied() != status.lastIndex()) {
      return false;
    }
    for (var member : world.cluster().members()) {
      var node = world.machineOf(member.id());
      if (node == null
          || !node.serving()
          || node.status().term() != status.term()
          || node.store().applied().index() != status.lastIndex()) {
        return false;
      }
    }
    return true;
  }

  private String standing() {
    var text = new StringBuilder("members " + world.cluster().membership() + ", " + operator);
    for (var node : world.machines()) {
      text.append("; ")
          .append(node.name())
          .append(" member ")
          .append(node.member())
          .append(node.serving() ? " " + node.status() : " is down");
    }
    return text.toString();
  }

  private List<SimNode> members() {
    return world.cluster().members().stream().map(m -> world.machineOf(m.id())).toList();
  }

  /** Every member must answer a linearizable read of everything: no lost write stays unseen. */
  private void lastWords() {
    int before = clients.history().size();
    members().forEach(node -> clients.ask(node, Requests.everything()));
    until("answers to the last reads", clients::idle);
    for (var op : clients.history().subList(before, clients.history().size())) {
      if (!(op.result() instanceof Operation.Answered)) {
        throw new Violation("liveness", "a quiet cluster does not answer: " + op);
      }
    }
  }

  private void equalContents() {
    var members = members();
    var first = members.getFirst();
    for (var node : members) {
      if (!node.store().cluster().equals(first.store().cluster())) {
        throw new Violation(
            "equal contents",
            "%s has %s, %s has %s"
                .formatted(
                    first.name(), first.store().cluster(), node.name(), node.store().cluster()));
      }
      var expected = first.store().hash(HashKVRequest.getDefaultInstance());
      var actual = node.store().hash(HashKVRequest.getDefaultInstance());
      if (!actual.equals(expected)) {
        throw new Violation(
            "equal contents",
            "%s has %s, %s has %s".formatted(first.name(), expected, node.name(), actual));
      }
    }
  }
}
