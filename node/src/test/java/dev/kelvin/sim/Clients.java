package dev.kelvin.sim;

import dev.kelvin.checker.Operation;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Rejected;
import dev.kelvin.checker.Operation.Result;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Clients that work against random nodes, one request at a time each, and try again for a while
 * when a node turns them away or stays silent. Every try is an operation of its own in the history.
 */
final class Clients {
  private static final int CLIENTS = 8;
  private static final long THINK = 80 * Scheduler.MILLISECOND;
  private static final long NETWORK = 200;
  private static final long PATIENCE = 2 * Scheduler.SECOND;
  private static final int TRIES = 6;

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Supplier<List<? extends Server>> servers;
  private final Requests requests;
  private final Tally tally;
  private final Trace trace;
  private final List<Operation> history = new ArrayList<>();
  private int calls;
  private int open;
  private boolean stopped;

  Clients(
      Scheduler scheduler,
      RandomGenerator random,
      Supplier<List<? extends Server>> servers,
      Tally tally,
      Trace trace) {
    this.scheduler = scheduler;
    this.random = random;
    this.servers = servers;
    this.requests = new Requests(random);
    this.tally = tally;
    this.trace = trace;
  }

  void start() {
    for (int i = 1; i <= CLIENTS; i++) {
      think("c" + i);
    }
  }

  /** No new requests; those under way end by themselves. */
  void stop() {
    stopped = true;
  }

  boolean idle() {
    return stopped && open == 0;
  }

  List<Operation> history() {
    return history;
  }

  private void think(String client) {
    scheduler.after(
        Seeds.around(random, THINK),
        () -> {
          if (!stopped) {
            call(client, requests.next("v" + calls), TRIES);
          }
        });
  }

  private void call(String client, Request request, int triesLeft) {
    var choice = servers.get();
    if (choice.isEmpty()) {
      think(client);
      return;
    }
    var server = choice.get(random.nextInt(choice.size()));
    new Call(client, request, triesLeft, server).send();
  }

  /** Asks one node, as the last word on a run; not part of the load. */
  void ask(Server server, Request request) {
    new Call("last", request, 0, server).send();
  }

  /** One try. */
  private final class Call {
    private final int id = calls++;
    private final String client;
    private final Request request;
    private final int triesLeft;
    private final Server server;
    private final long called = scheduler.moment();
    private boolean ended;

    private Call(String client, Request request, int triesLeft, Server server) {
      this.client = client;
      this.request = request;
      this.triesLeft = triesLeft;
      this.server = server;
    }

    private void send() {
      open++;
      trace.line(client, "#" + id + " " + server.name() + " " + request);
      scheduler.after(
          Seeds.around(random, NETWORK),
          () ->
              server.ask(
                  request,
                  result -> scheduler.after(Seeds.around(random, NETWORK), () -> end(result))));
      scheduler.after(PATIENCE, () -> end(new Unknown("no answer")));
    }

    private void end(Result result) {
      if (ended) {
        return;
      }
      ended = true;
      open--;
      boolean known = !(result instanceof Unknown);
      var op =
          new Operation(
              id, client, called, known ? scheduler.moment() : Long.MAX_VALUE, request, result);
      history.add(op);
      requests.learn(op);
      count(op);
      trace.line(client, "#" + id + " " + said(result));
      boolean answered = result instanceof Answered || result instanceof Rejected;
      if (answered || triesLeft == 0) {
        think(client);
        return;
      }
      long backOff = Seeds.around(random, 50 * Scheduler.MILLISECOND << (TRIES - triesLeft));
      scheduler.after(
          backOff,
          () -> {
            if (!stopped) {
              call(client, Requests.again(request, "v" + calls), triesLeft - 1);
            }
          });
    }
  }

  private void count(Operation op) {
    tally.count(Happening.OPERATIONS);
    switch (op.result()) {
      case Unknown ignored -> tally.count(Happening.UNKNOWN);
      case NotDone ignored -> tally.count(Happening.NOT_DONE);
      case Rejected ignored -> tally.count(Happening.REFUSED);
      case Answered ignored -> {
        switch (op.request()) {
          case Request.Range range ->
              tally.count(
                  range.serializable()
                      ? Happening.SERIALIZABLE_READS
                      : Happening.LINEARIZABLE_READS);
          case Request.Txn txn -> tally.count(Happening.TRANSACTIONS);
          case Request.Compact compact -> tally.count(Happening.COMPACTIONS);
          default -> {}
        }
      }
    }
  }

  private static String said(Result result) {
    return switch (result) {
      case Answered(long revision, var answer) -> "revision " + revision;
      case Rejected(var error) -> "refused " + error;
      case NotDone(String why) -> "not done: " + why;
      case Unknown(String why) -> "unknown: " + why;
    };
  }
}
