package dev.kelvin.differential;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import io.grpc.Status;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DeliberateTest {
  private static final Status COMPACTED =
      Status.OUT_OF_RANGE.withDescription("etcdserver: mvcc: required revision has been compacted");

  private final NavigableSet<Long> compactions = new TreeSet<>(List.of(5L, 9L, 12L));

  @Test
  void hashOfAnEarlierCompactionIsMeantToBeRefused() {
    assertTrue(noted(5, 5, -1, COMPACTED));
    assertTrue(noted(9, 9, 5, COMPACTED));
  }

  @Test
  void hashOfAnythingElseIsNotMeantToBeRefused() {
    assertFalse(noted(8, 8, 5, COMPACTED), "it was never compacted at 8");
    assertFalse(noted(12, 12, 9, COMPACTED), "the last compaction's revision can be hashed");
    assertFalse(noted(9, 14, 12, COMPACTED), "etcd hashed another revision");
    assertFalse(noted(9, 9, 12, COMPACTED), "that is no hash from before the compaction");
    assertFalse(noted(9, 9, 5, Status.UNAVAILABLE), "refused for another reason");
  }

  private boolean noted(long asked, long hashed, long compacted, Status kelvin) {
    return Deliberate.noted(
        HashKVRequest.newBuilder().setRevision(asked).build(),
        HashKVResponse.newBuilder().setHashRevision(hashed).setCompactRevision(compacted).build(),
        kelvin,
        compactions);
  }
}
