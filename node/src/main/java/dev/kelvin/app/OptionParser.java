package dev.kelvin.app;

import dev.kelvin.duty.AutoCompaction;
import dev.kelvin.store.Restoration;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Makes {@link Options} of texts, and refuses what does not go together. */
final class OptionParser {
  private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");

  /** Of a duration of several units. */
  private static final Pattern PART = Pattern.compile("\\d+(?:\\.\\d+)?(?:ms|s|m|h)");

  private static final Duration MIN_AGE = Duration.ofSeconds(1);

  /** A year: of each hour ten revisions are kept in memory. */
  private static final Duration MAX_AGE = Duration.ofHours(8760);

  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

  /** Heartbeats that must fit into an election timeout, as etcd demands. */
  private static final int HEARTBEATS_PER_ELECTION = 5;

  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final long GIB = 1024 * MIB;

  private final Map<Setting, Sources.Value> values;

  private OptionParser(Map<Setting, Sources.Value> values) {
    this.values = values;
  }

  /**
   * @throws OptionException for the first thing that is wrong
   */
  static Options parse(Map<Setting, Sources.Value> values) {
    return new OptionParser(values).options();
  }

  private Options options() {
    var client = get(Setting.LISTEN_CLIENT, Address::parse);
    var peer = get(Setting.LISTEN_PEER, Address::parse);
    var http = get(Setting.LISTEN_HTTP, Address::parse);
    var cache = get(Setting.LISTEN_CACHE, OptionParser::listenOrNot);
    var json = get(Setting.LISTEN_JSON, OptionParser::listenOrNot);
    var taken = new LinkedHashMap<Setting, Address>();
    taken.put(Setting.LISTEN_CLIENT, client);
    listen(taken, Setting.LISTEN_PEER, peer);
    listen(taken, Setting.LISTEN_HTTP, http);
    cache.ifPresent(address -> listen(taken, Setting.LISTEN_CACHE, address));
    json.ifPresent(address -> listen(taken, Setting.LISTEN_JSON, address));
    boolean bootstrap = get(Setting.BOOTSTRAP, OptionParser::bool);
    var join = get(Setting.JOIN, OptionParser::addresses);
    if (bootstrap && !join.isEmpty()) {
      throw new OptionException(
          spelling(Setting.BOOTSTRAP)
              + " and "
              + spelling(Setting.JOIN)
              + " contradict each other: a node either founds a cluster or joins one");
    }
    var heartbeat = get(Setting.HEARTBEAT_INTERVAL, OptionParser::ticks);
    var election = get(Setting.ELECTION_TIMEOUT, OptionParser::ticks);
    if (election.compareTo(heartbeat.multipliedBy(HEARTBEATS_PER_ELECTION)) < 0) {
      throw new OptionException(
          spelling(Setting.ELECTION_TIMEOUT)
              + ": must be at least "
              + HEARTBEATS_PER_ELECTION
              + " times "
              + spelling(Setting.HEARTBEAT_INTERVAL)
              + ", got "
              + election.toMillis()
              + "ms and "
              + heartbeat.toMillis()
              + "ms");
    }
    return new Options(
        get(Setting.NAME, OptionParser::name),
        get(Setting.DATA_DIR, OptionParser::path),
        client,
        peer,
        http,
        cache,
        json,
        advertised(Setting.ADVERTISE_CLIENT, Setting.LISTEN_CLIENT, client),
        advertised(Setting.ADVERTISE_PEER, Setting.LISTEN_PEER, peer),
        bootstrap,
        join,
        heartbeat,
        election,
        (int) size(Setting.MAX_REQUEST_BYTES, KIB, 64 * MIB),
        get(Setting.MAX_TXN_OPS, OptionParser::ops),
        get(Setting.WATCH_PROGRESS_NOTIFY_INTERVAL, OptionParser::progressInterval),
        autoCompaction(),
        size(Setting.QUOTA_BACKEND_BYTES, 0, 1024 * GIB),
        size(Setting.LOG_SEGMENT_SIZE, MIB, GIB),
        size(Setting.LOG_RETENTION_SIZE, MIB, 1024 * GIB),
        size(Setting.STORE_CACHE_SIZE, MIB, 1024 * GIB),
        size(Setting.STORE_MEMTABLE_SIZE, MIB, 64 * GIB),
        size(Setting.SNAPSHOT_RATE, MIB, 1024 * GIB),
        size(Setting.DISK_RESERVE, MIB, 1024 * GIB),
        get(Setting.LOG_LEVEL, OptionParser::level),
        get(Setting.LOG_JSON, OptionParser::bool),
        restoration(bootstrap));
  }

  private Optional<Restoration> restoration(boolean bootstrap) {
    long bump = get(Setting.BUMP_REVISION, OptionParser::bump);
    boolean mark = get(Setting.MARK_COMPACTED, OptionParser::bool);
    if (values.get(Setting.FROM_SNAPSHOT).text().isEmpty()) {
      if (bump > 0 || mark) {
        throw new OptionException(
            spelling(bump > 0 ? Setting.BUMP_REVISION : Setting.MARK_COMPACTED)
                + ": is about a cluster founded with "
                + spelling(Setting.FROM_SNAPSHOT));
      }
      return Optional.empty();
    }
    if (!bootstrap) {
      throw new OptionException(
          spelling(Setting.FROM_SNAPSHOT)
              + ": founds a cluster, so it needs "
              + spelling(Setting.BOOTSTRAP));
    }
    if (bump > 0 != mark) {
      throw new OptionException(
          spelling(Setting.BUMP_REVISION)
              + " and "
              + spelling(Setting.MARK_COMPACTED)
              + " go together: clients of the old cluster must be told that revisions were skipped");
    }
    return Optional.of(new Restoration(get(Setting.FROM_SNAPSHOT, OptionParser::path), bump, mark));
  }

  private static long bump(String text) {
    if (!text.matches("\\d{1,15}") || Long.parseLong(text) > Restoration.MAX_BUMP) {
      throw new IllegalArgumentException("must be a number from 0 to " + Restoration.MAX_BUMP);
    }
    return Long.parseLong(text);
  }

  private <T> T get(Setting setting, Function<String, T> parser) {
    var text = values.get(setting).text();
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new OptionException(
          spelling(setting) + ": " + e.getMessage() + ", got \"" + text + "\"");
    }
  }

  private String spelling(Setting setting) {
    return values.get(setting).spelling();
  }

  /** Takes a port that nothing else of this node has. */
  private void listen(Map<Setting, Address> taken, Setting setting, Address address) {
    taken.forEach((other, at) -> differ(other, at, setting, address));
    taken.put(setting, address);
  }

  private static Optional<Address> listenOrNot(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(Address.parse(text));
  }

  private void differ(Setting one, Address a, Setting other, Address b) {
    boolean sameHost = a.host().equals(b.host()) || a.wildcard() || b.wildcard();
    if (sameHost && a.port() == b.port()) {
      throw new OptionException(
          spelling(other) + ": port " + b.port() + " is already taken by " + spelling(one));
    }
  }

  private String advertised(Setting setting, Setting listen, Address listening) {
    if (values.get(setting).text().isEmpty()) {
      if (listening.wildcard()) {
        throw new OptionException(
            spelling(setting)
                + ": is needed, because nobody can connect to "
                + listening
                + " of "
                + spelling(listen));
      }
      return listening.url();
    }
    return get(setting, OptionParser::url);
  }

  private long size(Setting setting, long least, long most) {
    return get(
        setting,
        text -> {
          long size = bytes(text);
          if (size < least || size > most) {
            throw new IllegalArgumentException(
                "must be from " + sizeText(least) + " to " + sizeText(most));
          }
          return size;
        });
  }

  private static String sizeText(long size) {
    return size >= GIB ? size / GIB + "GiB" : size >= MIB ? size / MIB + "MiB" : size / KIB + "KiB";
  }

  static long bytes(String text) {
    var match = QUANTITY.matcher(text);
    var problem = "must be a size like 64MiB";
    if (!match.matches()) {
      throw new IllegalArgumentException(problem);
    }
    long unit =
        switch (match.group(2)) {
          case "", "B" -> 1;
          case "KiB" -> KIB;
          case "MiB" -> MIB;
          case "GiB" -> GIB;
          default -> throw new IllegalArgumentException(problem + " (units: B, KiB, MiB, GiB)");
        };
    return exact(match.group(1), unit, problem);
  }

  static Duration duration(String text) {
    var match = QUANTITY.matcher(text);
    var problem = "must be a duration like 100ms or 1s";
    if (!match.matches()) {
      throw new IllegalArgumentException(problem);
    }
    long millis =
        switch (match.group(2)) {
          case "ms" -> 1;
          case "s" -> 1_000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          default -> throw new IllegalArgumentException(problem + " (units: ms, s, m, h)");
        };
    return Duration.ofMillis(exact(match.group(1), millis, problem));
  }

  private static long exact(String number, long unit, String problem) {
    try {
      return new BigDecimal(number)
          .multiply(BigDecimal.valueOf(unit))
          .setScale(0, RoundingMode.UNNECESSARY)
          .longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(problem, e);
    }
  }

  /** As etcd reads it: a bare number is hours, or revisions. */
  private AutoCompaction autoCompaction() {
    var mode = get(Setting.AUTO_COMPACTION_MODE, OptionParser::compactionMode);
    return get(
        Setting.AUTO_COMPACTION_RETENTION,
        text ->
            switch (mode) {
              case PERIODIC -> new AutoCompaction(mode, age(text).toMillis());
              case REVISION -> new AutoCompaction(mode, revisions(text));
            });
  }

  private static AutoCompaction.Mode compactionMode(String text) {
    return switch (text) {
      case "periodic" -> AutoCompaction.Mode.PERIODIC;
      case "revision" -> AutoCompaction.Mode.REVISION;
      default -> throw new IllegalArgumentException("must be periodic or revision");
    };
  }

  private static Duration age(String text) {
    var age = Duration.ZERO;
    if (text.matches("\\d{1,9}")) {
      age = Duration.ofHours(Long.parseLong(text));
    } else if (!text.isEmpty() && PART.matcher(text).replaceAll("").isEmpty()) {
      var parts = PART.matcher(text);
      while (parts.find()) {
        age = age.plus(duration(parts.group()));
      }
    } else {
      throw new IllegalArgumentException("must be a duration like 1h or 30m, or hours");
    }
    if (!age.isZero() && age.compareTo(MIN_AGE) < 0 || age.compareTo(MAX_AGE) > 0) {
      throw new IllegalArgumentException("must be 0, or from 1s to 8760h");
    }
    return age;
  }

  private static long revisions(String text) {
    if (!text.matches("\\d{1,18}")) {
      throw new IllegalArgumentException("must be a number of revisions");
    }
    return Long.parseLong(text);
  }

  private static Duration progressInterval(String text) {
    var duration = duration(text);
    if (duration.toMillis() < 100 || duration.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("must be from 100ms to 24h");
    }
    return duration;
  }

  private static Duration ticks(String text) {
    var duration = duration(text);
    if (duration.compareTo(Options.TICK) < 0
        || duration.compareTo(Duration.ofMinutes(1)) > 0
        || duration.toMillis() % Options.TICK.toMillis() != 0) {
      throw new IllegalArgumentException("must be a multiple of 10ms, up to 1m");
    }
    return duration;
  }

  private static int ops(String text) {
    if (!text.matches("\\d{1,6}") || Integer.parseInt(text) < 1) {
      throw new IllegalArgumentException("must be a number from 1 to 999999");
    }
    return Integer.parseInt(text);
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private static String name(String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,252}")) {
      throw new IllegalArgumentException("must be letters, digits, dots, dashes or underscores");
    }
    return text;
  }

  private static String level(String text) {
    var level = text.toLowerCase(Locale.ROOT);
    if (!LEVELS.contains(level)) {
      throw new IllegalArgumentException("must be one of " + String.join(", ", LEVELS));
    }
    return level;
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must not be empty");
    }
    // InvalidPathException is an IllegalArgumentException.
    return Path.of(text).toAbsolutePath().normalize();
  }

  private static List<Address> addresses(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    return Arrays.stream(text.split(",", -1)).map(String::strip).map(Address::parse).toList();
  }

  private static String url(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("must be a URL like http://host:port", e);
    }
    boolean bare =
        (uri.getRawPath() == null || uri.getRawPath().isEmpty())
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null;
    if (!"http".equals(uri.getScheme()) || uri.getRawAuthority() == null || !bare) {
      throw new IllegalArgumentException("must be a URL like http://host:port");
    }
    var address = Address.parse(uri.getRawAuthority());
    if (address.wildcard()) {
      throw new IllegalArgumentException("must be an address that others can connect to");
    }
    return address.url();
  }
}
