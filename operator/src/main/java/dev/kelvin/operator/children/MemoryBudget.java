package dev.kelvin.operator.children;

import dev.kelvin.operator.crd.Storage;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;

/**
 * How a node divides what its container may have, so that the limit holds under load. What is not
 * given out is for buffers, code, threads, and tables being flushed, which take about 200 MiB.
 *
 * @param heap bytes of the Java heap at most
 * @param memtable bytes for what the store has not flushed
 * @param cache bytes for blocks read from the store
 */
record MemoryBudget(long heap, long memtable, long cache) {
  private static final long MIB = 1 << 20;

  /** Parts of a limit, in bytes. */
  static MemoryBudget of(long limit) {
    return new MemoryBudget(
        Math.clamp(limit * 3 / 8, 96 * MIB, 1024 * MIB),
        Math.clamp(limit / 16, 16 * MIB, 256 * MIB),
        Math.max(16 * MIB, limit / 8 - 32 * MIB));
  }

  /** Empty where nothing is limited. Data kept in memory count against the limit. */
  static Optional<MemoryBudget> of(Effective effective) {
    var resources = effective.spec().resources();
    if (resources == null || resources.getLimits() == null) {
      return Optional.empty();
    }
    var limit = resources.getLimits().get("memory");
    if (limit == null) {
      return Optional.empty();
    }
    long bytes = Quantity.getAmountInBytes(limit).longValue();
    boolean inMemory = effective.storage().ephemeral() == Storage.Ephemeral.Memory;
    return Optional.of(of(inMemory ? bytes - effective.storageBytes() : bytes));
  }

  /** As the node's environment. */
  Map<String, String> variables() {
    return Map.of(
        "JDK_JAVA_OPTIONS", "-Xmx" + heap / MIB + "m",
        "KELVIN_STORE_MEMTABLE_SIZE", memtable / MIB + "MiB",
        "KELVIN_STORE_CACHE_SIZE", cache / MIB + "MiB");
  }
}
