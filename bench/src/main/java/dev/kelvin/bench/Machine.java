package dev.kelvin.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine a measurement was made on, in words. */
final class Machine {
  private Machine() {}

  static String describe() {
    return "%d cores (%s), %.0f GiB memory, %s %s, Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            field(read("/proc/cpuinfo"), "model name", "unknown processor"),
            memoryKib(read("/proc/meminfo")) / 1048576.0,
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("java.version"));
  }

  /** The value after {@code name:} in the first line that begins so. */
  static String field(String text, String name, String otherwise) {
    return text.lines()
        .filter(line -> line.startsWith(name) && line.contains(":"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(otherwise);
  }

  static long memoryKib(String meminfo) {
    return Long.parseLong(field(meminfo, "MemTotal", "0").replaceAll("[^0-9]", ""));
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      return "";
    }
  }
}
