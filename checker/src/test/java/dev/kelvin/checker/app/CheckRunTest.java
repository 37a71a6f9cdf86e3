package dev.kelvin.checker.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.checker.Answer;
import dev.kelvin.checker.Operation.Answered;
import dev.kelvin.checker.Operation.NotDone;
import dev.kelvin.checker.Operation.Unknown;
import dev.kelvin.checker.Request;
import dev.kelvin.checker.client.Patience;
import io.grpc.Status;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs against a server in memory, some with a fault, which has to be found. */
@Timeout(60)
class CheckRunTest {
  private static final int KEPT = 3;

  private static final Patience PATIENCE =
      new Patience(Duration.ofMillis(100), Duration.ofMillis(500));
  private static final Duration OUTAGE = Duration.ofMillis(1500);

  /** Requests after which a run is told to end: several rounds of them. */
  private static final int ENOUGH = 3000;

  private final StringWriter out = new StringWriter();
  private ModelServer server;

  private int run(ModelServer.Fault fault) throws InterruptedException {
    var run = new AtomicReference<CheckRun>();
    server =
        new ModelServer(
            (server, request, number) -> {
              if (number == ENOUGH) {
                run.get().end();
              }
              return fault.answer(server, request, number);
            });
    var plan =
        new CheckRun.Plan(
            "check/x/", 6, 20_000, Duration.ofMillis(50), KEPT, PATIENCE, Duration.ofMillis(100));
    run.set(new CheckRun(plan, (_, _) -> server, new PrintWriter(out)));
    return run.get().run();
  }

  private void found(int status, String what) {
    assertEquals(CheckRun.VIOLATED, status, out::toString);
    assertTrue(out.toString().contains("VIOLATION: " + what), out::toString);
  }

  private static boolean nth(Class<? extends Request> kind, Request request, int number) {
    return kind.isInstance(request) && number % 100 == 0;
  }

  @Test
  void aServerWithoutFaultIsFine() throws Exception {
    int status = run((server, request, _) -> server.carryOut(request));
    assertEquals(CheckRun.FINE, status, out::toString);
    assertTrue(out.toString().contains(" 0  requests failed after retry"), out::toString);
    assertTrue(server.keys() <= 8 * (KEPT + 1), "keys of old rounds are deleted");
  }

  @Test
  void writesOfUnknownOutcomeAreFineWhetherCarriedOutOrNotAtOnceOrInALaterRound() throws Exception {
    var late = new ArrayDeque<Request>();
    int status =
        run(
            (server, request, number) -> {
              if (number % 250 == 0 && !late.isEmpty()) {
                server.carryOut(late.remove());
              }
              if (!(request instanceof Request.Range) && number % 30 == 0) {
                switch (number % 4) {
                  case 0 -> server.carryOut(request);
                  case 1 -> late.add(request);
                  default -> {}
                }
                return new Unknown("timed out");
              }
              return number % 37 == 0 ? new NotDone("no leader") : server.carryOut(request);
            });
    assertEquals(CheckRun.FINE, status, out::toString);
  }

  @Test
  void alsoWhenMostAreOfUnknownOutcomeItIsDecided() throws Exception {
    int status =
        run(
            (server, request, number) -> {
              boolean bad = number > 300 && number < 550 && number % 4 != 0;
              if (!bad || number % 8 < 4) {
                var result = server.carryOut(request);
                return bad ? new Unknown("timed out") : result;
              }
              return new Unknown("timed out");
            });
    assertNotEquals(CheckRun.VIOLATED, status, out::toString);
    assertTrue(out.toString().contains(" 0  rounds too confused"), out::toString);
  }

  @Test
  void aLostWriteIsFound() throws Exception {
    found(
        run(
            (server, request, number) ->
                nth(Request.Put.class, request, number)
                    // Some revision is made, but the key is not written.
                    ? new Answered(
                        ((Answered) server.carryOut(new Request.Put("other", "", false)))
                            .revision(),
                        new Answer.Put(null))
                    : server.carryOut(request)),
        "replay");
  }

  @Test
  void aWriteForgottenAfterItsRoundIsFound() throws Exception {
    var lost = new AtomicBoolean();
    int status =
        run(
            (server, request, _) -> {
              if (request instanceof Request.Put put
                  && put.key().startsWith("check/x/00000002")
                  && !lost.getAndSet(true)) {
                server.carryOut(
                    new Request.DeleteRange("check/x/00000001", "check/x/00000002", false));
              }
              return server.carryOut(request);
            });
    // By the revision that nobody made, or by the keys that are gone.
    found(status, "");
  }

  @Test
  void aStaleReadIsFound() throws Exception {
    // Of one key: if all are read late at the end of a round, the next look at them may find more.
    found(
        run(
            (server, request, number) ->
                request instanceof Request.Range range
                        && range.end() == null
                        && number > 500
                        && number % 10 == 0
                    ? server.carryOutLate(range)
                    : server.carryOut(request)),
        "stale read");
  }

  @Test
  void aWriteCarriedOutTwiceIsFound() throws Exception {
    found(
        run(
            (server, request, number) -> {
              var answer = server.carryOut(request);
              if (nth(Request.Put.class, request, number)) {
                server.carryOut(request);
              }
              return answer;
            }),
        "replay");
  }

  @Test
  void aWriteCarriedOutThoughRefusedIsFound() throws Exception {
    found(
        run(
            (server, request, number) -> {
              var answer = server.carryOut(request);
              return nth(Request.Put.class, request, number) ? new NotDone("no leader") : answer;
            }),
        "replay");
  }

  @Test
  void anErrorThatNoFaultExplainsIsFound() throws Exception {
    found(
        run(
            (server, request, number) -> {
              if (nth(Request.Put.class, request, number)) {
                throw Status.INTERNAL.withDescription("oh").asRuntimeException();
              }
              return server.carryOut(request);
            }),
        "error");
  }

  @Test
  void theOperationsAroundAViolationAreShown() throws Exception {
    aWriteCarriedOutTwiceIsFound();
    assertTrue(out.toString().lines().filter(line -> line.startsWith("  #")).count() > 8);
  }

  @Test
  void anOutageLongerThanClientsTryIsCountedAndNoViolation() throws Exception {
    var began = new AtomicLong();
    int status =
        run(
            (server, request, number) -> {
              if (number == 500) {
                began.set(System.nanoTime());
              }
              return number > 500 && System.nanoTime() - began.get() < OUTAGE.toNanos()
                  ? new NotDone("no leader")
                  : server.carryOut(request);
            });
    assertEquals(CheckRun.REQUESTS_FAILED, status, out::toString);
    assertTrue(out.toString().contains("FAILED after retry"), out::toString);
  }

  @Test
  void noAnswerWhenToldToEndIsAViolation() throws Exception {
    found(
        run(
            (server, request, number) ->
                number >= ENOUGH ? new Unknown("gone") : server.carryOut(request)),
        "no answer");
  }
}
