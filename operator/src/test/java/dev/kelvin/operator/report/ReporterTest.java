package dev.kelvin.operator.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operator.crd.KvClusterStatus;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class ReporterTest {
  private static KvClusterStatus status(long lag, boolean healthy, String founding) {
    return Serialization.unmarshal(
        """
        observedGeneration: 3
        conditions: [{type: Available, status: "True", reason: QuorumServes, message: m}]
        members: [{pod: demo-0, id: "01", role: Follower, healthy: %s, lag: %d}]
        %s
        """
            .formatted(healthy, lag, founding),
        KvClusterStatus.class);
  }

  @Test
  void underLoadAStatusIsNotWrittenForEveryEntry() {
    assertTrue(Reporter.same(status(3, true, ""), status(900, true, "")));
    assertFalse(Reporter.same(status(3, true, ""), status(9000, true, "")));
  }

  @Test
  void everythingElseIsNews() {
    assertFalse(Reporter.same(status(3, true, ""), status(3, false, "")));
    assertFalse(
        Reporter.same(
            status(3, true, ""),
            status(3, true, "founding: {clusterId: \"1\", incarnation: \"2\"}")));
  }
}
