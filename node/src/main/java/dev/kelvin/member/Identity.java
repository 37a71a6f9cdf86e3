package dev.kelvin.member;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who the owner of a data directory is. Names and addresses are no part of it.
 *
 * @param incarnation random number of this directory, made when it is first used
 * @param clusterId 0 while waiting
 * @param memberId 0 while waiting
 * @param promote becomes a voter by itself once it has caught up
 * @param removed the cluster took it out: it never takes part again
 * @param recovering cluster ID of a recovery that was begun; 0 for none
 * @param seeds peer URLs of members known when it joined, by ID: used until the log tells
 */
public record Identity(
    long incarnation,
    long clusterId,
    long memberId,
    boolean promote,
    boolean removed,
    long recovering,
    Map<Long, String> seeds) {
  /** Format of the identity file that this build writes, and the newest it reads. */
  static final int FORMAT = 1;

  public Identity {
    seeds = Map.copyOf(seeds);
  }

  static Identity fresh(long incarnation) {
    return new Identity(incarnation, 0, 0, false, false, 0, Map.of());
  }

  static Identity founder(long incarnation, long clusterId, long memberId) {
    return new Identity(incarnation, clusterId, memberId, false, false, 0, Map.of());
  }

  Identity asRemoved() {
    return new Identity(incarnation, clusterId, memberId, promote, true, 0, seeds);
  }

  /** A recovery is decided, and must be completed whatever happens. */
  Identity recoveringTo(long newClusterId) {
    return new Identity(incarnation, clusterId, memberId, promote, removed, newClusterId, seeds);
  }

  Identity recovered() {
    return new Identity(incarnation, recovering, memberId, false, false, 0, Map.of());
  }

  boolean isMember() {
    return memberId != 0;
  }

  /** Lines of the form {@code key=value}, IDs in hexadecimal. */
  String toText() {
    return """
        format=%d
        incarnation=%016x
        cluster=%016x
        member=%016x
        promote=%s
        removed=%s
        recovering=%016x
        seeds=%s
        """
        .formatted(
            FORMAT,
            incarnation,
            clusterId,
            memberId,
            promote,
            removed,
            recovering,
            new TreeMap<>(seeds)
                .entrySet().stream()
                    .map(seed -> "%016x@%s".formatted(seed.getKey(), seed.getValue()))
                    .collect(Collectors.joining(",")));
  }

  /**
   * @throws IllegalArgumentException when the text is no identity of a format known here
   */
  static Identity parse(String text) {
    Map<String, String> values = new TreeMap<>();
    for (var line : text.lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    var format = values.get("format");
    if (format == null) {
      throw new IllegalArgumentException(
          text.isBlank() ? "the file is empty" : "the file is garbled, it says no format");
    }
    if (!format.equals(Integer.toString(FORMAT))) {
      throw new IllegalArgumentException(
          "identity format is "
              + format
              + ", this build reads "
              + FORMAT
              + "; start the version of Kelvin that wrote it, or a later one");
    }
    Map<Long, String> seeds = new TreeMap<>();
    for (var seed : values.getOrDefault("seeds", "").split(",")) {
      int at = seed.indexOf('@');
      if (at > 0) {
        seeds.put(hex(seed.substring(0, at)), seed.substring(at + 1));
      }
    }
    return new Identity(
        hex(values, "incarnation"),
        hex(values, "cluster"),
        hex(values, "member"),
        Boolean.parseBoolean(values.get("promote")),
        Boolean.parseBoolean(values.get("removed")),
        hex(values.getOrDefault("recovering", "0")),
        seeds);
  }

  private static long hex(Map<String, String> values, String key) {
    var text = values.get(key);
    if (text == null) {
      throw new IllegalArgumentException("the file is garbled, it says no " + key);
    }
    return hex(text);
  }

  private static long hex(String text) {
    try {
      return Long.parseUnsignedLong(text, 16);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the file is garbled, no ID: \"" + text + "\"", e);
    }
  }
}
