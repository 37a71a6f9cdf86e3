package dev.kelvin.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Linux's {@code /proc} says about processes: CPU time and resident memory. */
final class Proc {
  /** USER_HZ, which is 100 on every architecture Linux runs Java on. */
  private static final long NANOS_PER_TICK = 10_000_000;

  private Proc() {}

  /** CPU time in user and kernel mode, nanoseconds, of all {@code pids} together. */
  static long cpuNanos(List<Long> pids) {
    return pids.stream().mapToLong(pid -> cpuNanos(read(pid, "stat"))).sum();
  }

  /** Resident memory in bytes, one number per pid. */
  static List<Long> residentBytes(List<Long> pids) {
    return pids.stream().map(pid -> residentBytes(read(pid, "status"))).toList();
  }

  /**
   * Parses a {@code stat} line: fields 14 and 15, counted after the name, which may hold blanks.
   */
  static long cpuNanos(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split("\\s+");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NANOS_PER_TICK;
  }

  /** Parses {@code VmRSS} of a {@code status} file; a process without memory of its own has 0. */
  static long residentBytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (IOException e) {
      throw new IllegalStateException("process " + pid + " is not there to be measured", e);
    }
  }
}
