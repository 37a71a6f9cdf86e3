package dev.kelvin.app;

import static dev.kelvin.app.Exposition.Type.COUNTER;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the operating system says of this process, under the names of Prometheus's Go library. */
final class ProcessSeries {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long KIB = 1024;

  private ProcessSeries() {}

  static void write(Exposition page) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      page.family(COUNTER, "process_cpu_seconds_total", "CPU time of user and system in seconds.")
          .value(system.getProcessCpuTime() / 1e9);
      long open = system.getOpenFileDescriptorCount();
      long most = system.getMaxFileDescriptorCount();
      page.gauge("process_open_fds", "Open file descriptors.", open);
      page.gauge("process_max_fds", "File descriptors that may be open.", most);
      page.gauge("os_fd_used", "Open file descriptors.", open);
      page.gauge("os_fd_limit", "File descriptors that may be open.", most);
    }
    var memory = memory();
    if (memory.containsKey("VmRSS")) {
      page.gauge("process_resident_memory_bytes", "Resident memory.", memory.get("VmRSS"));
    }
    if (memory.containsKey("VmSize")) {
      page.gauge("process_virtual_memory_bytes", "Virtual memory.", memory.get("VmSize"));
    }
  }

  /** By the kernel's names; empty where the system is no Linux. */
  private static Map<String, Long> memory() {
    var sizes = new HashMap<String, Long>();
    try {
      for (var line : Files.readAllLines(STATUS)) {
        if (line.startsWith("Vm")) {
          var words = line.split("[:\\s]+");
          sizes.put(words[0], Long.parseLong(words[1]) * KIB);
        }
      }
    } catch (IOException e) {
      return Map.of();
    }
    return sizes;
  }
}
