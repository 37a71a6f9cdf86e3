package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcTest {
  @Test
  void addsUserAndKernelTimeAlsoBehindANameWithBlanksAndBrackets() {
    var stat =
        "42 (a (b) c d) S 1 42 42 0 -1 4194304 100 0 0 0 250 30 7 8 20 0 9 0 100 1000 200 18446";
    assertEquals(2_800_000_000L, Proc.cpuNanos(stat));
  }

  @Test
  void readsResidentMemoryInBytes() {
    assertEquals(
        2048L * 1024,
        Proc.residentBytes("Name:\tx\nVmPeak:\t 9 kB\nVmRSS:\t    2048 kB\nThreads:\t1"));
  }

  @Test
  void aProcessWithoutMemoryOfItsOwnHasNone() {
    assertEquals(0, Proc.residentBytes("Name:\tx\nState:\tZ (zombie)\n"));
  }

  @Test
  void measuresThisProcess() {
    var self = List.of(ProcessHandle.current().pid());
    assertTrue(Proc.cpuNanos(self) > 0);
    assertTrue(Proc.residentBytes(self).getFirst() > 1 << 20);
  }

  @Test
  void saysWhichProcessIsMissing() {
    var none = List.of(Long.MAX_VALUE);
    var e = assertThrows(IllegalStateException.class, () -> Proc.cpuNanos(none));
    assertTrue(e.getMessage().contains(Long.toString(Long.MAX_VALUE)), e.getMessage());
  }

  @Test
  void findsAFieldOfTheMachine() {
    var meminfo = "MemTotal:       16384 kB\nMemFree: 1 kB\n";
    assertEquals(16384, Machine.memoryKib(meminfo));
    assertEquals("unknown", Machine.field(meminfo, "model name", "unknown"));
  }
}
