package dev.kelvin.bench;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;

/** Clock and CPU counters from its making on. */
final class Meter {
  private final List<Long> pids;
  private final long begin = System.nanoTime();
  private final long serverCpu;
  private final long ownCpu = ownCpuNanos();

  /**
   * @param pids the processes whose CPU and memory are measured; may be empty
   */
  Meter(List<Long> pids) {
    this.pids = pids;
    this.serverCpu = Proc.cpuNanos(pids);
  }

  LoadResult result(
      Op op, AbstractHistogram latency, Map<String, Long> errors, long comparisonsLost) {
    long own = ownCpuNanos() - ownCpu;
    long server = pids.isEmpty() ? -1 : Proc.cpuNanos(pids) - serverCpu;
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new LoadResult(
        op,
        seconds,
        latency.getTotalCount(),
        errors,
        comparisonsLost,
        0,
        latency,
        server,
        Proc.residentBytes(pids),
        own);
  }

  private static long ownCpuNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }
}
