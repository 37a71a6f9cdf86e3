package dev.kelvin.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.api.FakeNode;
import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.duty.LeaseAsk.Times;
import dev.kelvin.duty.Lessor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Questions on a node that does not lead. */
class LeaseDeskTest {
  private static final long TIMEOUT = 7_000;

  private record Call(long leader, List<LeaseAsk> asked, Lessor.Answer answer) {
    void done() {
      answer.done(asked.stream().map(ask -> new Times(ask.lease(), 60)).toList());
    }
  }

  private final FakeNode node = new FakeNode();
  private final Queue<Runnable> lane = new ArrayDeque<>();
  private final Executor asker = lane::add;
  private final Queue<Call> calls = new ArrayDeque<>();
  private final List<Object> answers = new ArrayList<>();
  private long clock = -5;
  private final LeaseDesk desk =
      new LeaseDesk(
          FakeNode.MEMBER,
          node,
          new Lessor(node, node, lane::add, () -> clock, 1000),
          (leader, asked, answer) -> calls.add(new Call(leader, asked, answer)),
          lane::add,
          () -> clock,
          TIMEOUT);

  LeaseDeskTest() {
    node.leader = 2;
  }

  private void run() {
    while (!lane.isEmpty()) {
      lane.poll().run();
    }
  }

  private void step() {
    desk.step();
    run();
  }

  private void ask(long lease) {
    desk.ask(
        new LeaseAsk(lease, true),
        asker,
        new LeaseTimes.Answer() {
          @Override
          public void done(Times times) {
            answers.add(times.seconds());
          }

          @Override
          public void refused(Refusal refusal) {
            answers.add(refusal);
          }
        });
    run();
  }

  private List<Long> asked() {
    return calls.peek().asked.stream().map(LeaseAsk::lease).toList();
  }

  @Test
  void whileOneCallIsUnderWayOthersGatherForTheNext() {
    ask(1);
    ask(2);
    ask(3);
    assertEquals(1, calls.size());
    assertEquals(List.of(1L), asked());
    calls.poll().done();
    run();
    assertEquals(List.of(2L, 3L), asked());
    assertEquals(2, calls.poll().leader);
    assertEquals(List.of(1L), answers);
  }

  @Test
  void whatWasNotAnsweredIsAskedAgainInOrderOfWhoeverLeadsThen() {
    ask(1);
    ask(2);
    calls.poll().answer.unknown();
    run();
    assertTrue(calls.isEmpty(), "not at once");
    node.leader = 3;
    step();
    assertEquals(List.of(1L, 2L), asked());
    assertEquals(3, calls.peek().leader);
    calls.poll().done();
    run();
    assertEquals(List.of(1L, 2L), answers);
  }

  @Test
  void itWaitsForALeaderAndThenRefusesAsEtcdDoes() {
    node.leader = 0;
    ask(1);
    clock += TIMEOUT - 1;
    step();
    assertEquals(List.of(), answers);
    clock += 1;
    step();
    assertEquals(List.of(Refusal.NO_LEADER), answers);
    node.leader = 2;
    ask(2);
    clock += TIMEOUT;
    calls.poll().answer.unknown();
    step();
    assertEquals(List.of(Refusal.NO_LEADER, Refusal.TIMEOUT), answers);
    assertTrue(calls.isEmpty());
  }

  @Test
  void questionsWithoutAnAnswerAreBounded() {
    node.leader = 0;
    for (int i = 0; i < LeaseDesk.MAX_WAITING; i++) {
      ask(i);
    }
    assertEquals(List.of(), answers);
    ask(0);
    assertEquals(List.of(Refusal.TOO_MANY_REQUESTS), answers);
    node.leader = 2;
    step();
    assertEquals(LeaseDesk.MAX_CALL, asked().size());
    calls.poll().done();
    run();
    ask(0);
    assertEquals(LeaseDesk.MAX_CALL + 1, answers.size());
  }

  @Test
  void whatWaitsWhenTheNodeStopsIsToldSo() {
    ask(1);
    ask(2);
    desk.close();
    run();
    assertEquals(List.of(Refusal.STOPPED), answers);
    calls.poll().answer.unknown();
    run();
    ask(3);
    assertEquals(List.of(Refusal.STOPPED, Refusal.STOPPED, Refusal.STOPPED), answers);
  }
}
