package dev.kelvin.fuzz;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** Counts of what was really sent: frames whose last byte left. Any thread. */
final class Tally {
  private final Map<Kind, LongAdder> frames = new EnumMap<>(Kind.class);
  private final Map<Door, LongAdder> sessions = new EnumMap<>(Door.class);
  private final Map<Door, LongAdder> bytes = new EnumMap<>(Door.class);
  private final LongAdder all = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder resets = new LongAdder();

  Tally() {
    for (var kind : Kind.values()) {
      frames.put(kind, new LongAdder());
    }
    for (var door : Door.values()) {
      sessions.put(door, new LongAdder());
      bytes.put(door, new LongAdder());
    }
  }

  void add(Session session, Client.Result result) {
    int end = 0;
    for (var frame : session.frames()) {
      end += frame.bytes().length;
      if (end > result.sent()) {
        break;
      }
      frames.get(frame.kind()).increment();
      all.increment();
    }
    sessions.get(session.door()).increment();
    bytes.get(session.door()).add(result.sent());
    refused.add(result.refused());
    if (result.reset()) {
      resets.increment();
    }
  }

  long all() {
    return all.sum();
  }

  /** Requests that were as they should be and were refused. */
  long refused() {
    return refused.sum();
  }

  /** Kinds that never happened at these doors. */
  List<Kind> missing(Set<Door> doors) {
    return Arrays.stream(Kind.values())
        .filter(kind -> doors.contains(kind.door) && frames.get(kind).sum() == 0)
        .toList();
  }

  void print(PrintStream out, Set<Door> doors) {
    for (var door : doors) {
      long count = 0;
      for (var kind : Kind.values()) {
        count += kind.door == door ? frames.get(kind).sum() : 0;
      }
      out.printf(
          "%s: %,d frames, %,d bytes, %,d connections%n",
          door, count, bytes.get(door).sum(), sessions.get(door).sum());
      for (var kind : Kind.values()) {
        if (kind.door == door) {
          out.printf("  %,12d  %s%n", frames.get(kind).sum(), kind.words);
        }
      }
    }
    out.printf(
        "%,d frames in all; refused though they were as they should be: %,d; resets met: %,d%n",
        all(), refused(), resets.sum());
  }
}
