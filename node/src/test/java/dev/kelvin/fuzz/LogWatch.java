package dev.kelvin.fuzz;

import dev.kelvin.process.NodeProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads a node's log as it grows. An error or a stack trace is a defect; so are more lines than
 * anybody reads: a client must not be able to fill a disk with them.
 */
final class LogWatch {
  private static final Pattern DEFECT =
      Pattern.compile(" (ERROR|FATAL) |Exception\\b|Error: |^\\s+at \\S+\\(.*\\)$|^# ");

  /** Lines that are always let pass. */
  private static final long FREE_LINES = 300;

  private static final long FRAMES_A_LINE = 10_000;
  private static final int SHOWN = 12;

  private final NodeProcess node;
  private long read;
  private long lines;
  private String rest = "";
  private String lastLine = "";

  LogWatch(NodeProcess node) {
    this.node = node;
  }

  /** What is wrong in what was added since the last time. */
  synchronized List<String> look() throws IOException {
    try (var log = new RandomAccessFile(node.log().toFile(), "r")) {
      long size = log.length();
      var added = new byte[Math.toIntExact(Math.min(size - read, 64 << 20))];
      log.seek(read);
      log.readFully(added);
      read += added.length;
      var text = rest + new String(added, StandardCharsets.UTF_8);
      int end = text.lastIndexOf('\n') + 1;
      rest = text.substring(end);
      var found = new ArrayList<String>();
      for (var line : text.substring(0, end).lines().toList()) {
        lines++;
        lastLine = line;
        if (DEFECT.matcher(line).find()) {
          found.add(line);
        }
      }
      return found.isEmpty()
          ? List.of()
          : List.of(
              node.name
                  + " logged what it should not:\n  "
                  + String.join("\n  ", found.subList(0, Math.min(SHOWN, found.size()))));
    }
  }

  /** Whether so many frames may have led to so many lines. */
  synchronized List<String> flood(long frames) {
    long most = FREE_LINES + frames / FRAMES_A_LINE;
    return lines <= most
        ? List.of()
        : List.of(
            "%s wrote %,d lines to its log, the last of them: %s"
                .formatted(node.name, lines, lastLine));
  }

  synchronized long lines() {
    return lines;
  }
}
