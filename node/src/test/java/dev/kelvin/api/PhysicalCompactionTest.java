package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.store.Outcome;
import dev.kelvin.store.StoreError;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PhysicalCompactionTest {
  private final FakeNode node = new FakeNode();
  private final ReadPool pool = new ReadPool(1, 4);
  private final Requests requests = new Requests(node, new Limits(1000, 8), pool);
  private final RecordedExchange answers = new RecordedExchange(false);

  /** Whatever is due is done at once. */
  private final Exchange exchange =
      new Exchange() {
        @Override
        public Executor lane() {
          return Runnable::run;
        }

        @Override
        public boolean requiresLeader() {
          return false;
        }

        @Override
        public void done(Outcome outcome) {
          answers.done(outcome);
        }

        @Override
        public void refuse(ApiError error) {
          answers.refuse(error);
        }
      };

  @AfterEach
  void close() {
    pool.close();
  }

  private void compact(boolean physical) {
    var request = CompactionRequest.newBuilder().setRevision(1).setPhysical(physical).build();
    requests.compact(request, request.toByteArray(), exchange);
  }

  @Test
  void isAnsweredWhenTheRowsAreGone() {
    compact(true);
    assertEquals(List.of(), answers.answers());
    node.removal.accept(true);
    assertInstanceOf(Outcome.Done.class, answers.answer());
  }

  @Test
  void isRefusedWhenTheNodeStopsBefore() {
    compact(true);
    node.removal.accept(false);
    assertEquals(ApiError.STOPPED, answers.answer());
  }

  @Test
  void aRefusedOneWaitsForNothing() {
    node.outcome = new Outcome.Failed(StoreError.COMPACTED);
    compact(true);
    assertEquals(ApiError.of(StoreError.COMPACTED), answers.answer());
    assertNull(node.removal);
  }

  @Test
  void anyOtherIsAnsweredAtOnce() {
    compact(false);
    assertInstanceOf(Outcome.Done.class, answers.answer());
    assertNull(node.removal);
  }
}
