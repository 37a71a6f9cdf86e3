package dev.kelvin.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.api.ApiError;
import dev.kelvin.checker.Refusal;
import dev.kelvin.checker.client.GrpcEndpoint;
import dev.kelvin.store.StoreError;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What clients take for a certain refusal is what a node says. */
class RefusalsTest {
  @Test
  void aNodeSaysWithTheseThatARequestIsInNoLog() {
    var said =
        Stream.of(
                ApiError.NO_LEADER,
                ApiError.TOO_MANY_REQUESTS,
                ApiError.STOPPED,
                ApiError.LEARNER,
                ApiError.WAITING,
                ApiError.REMOVED)
            .map(ApiError::text)
            .collect(Collectors.toSet());
    assertEquals(said, GrpcEndpoint.CERTAINLY_NOT_DONE);
  }

  @Test
  void aStoreRefusesWithTheTextsThatHistoriesKnow() {
    assertEquals(Refusal.COMPACTED, Refusal.of(StoreError.COMPACTED.text()));
    assertEquals(Refusal.FUTURE_REVISION, Refusal.of(StoreError.FUTURE_REVISION.text()));
  }
}
