package dev.kelvin.member;

import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How much this process logs of its own; may be changed while it runs. */
public final class LogLevel {
  /** Loggers of ours: those with a story to tell have short names. */
  public static final List<String> CATEGORIES = List.of("kelvin", "dev.kelvin");

  /** By rising detail; the names are those of the option, the levels those of the log manager. */
  private enum Named {
    ERROR(Level.SEVERE),
    WARN(Level.WARNING),
    INFO(Level.INFO),
    DEBUG(Level.FINE),
    TRACE(Level.FINER);

    private final Level level;

    Named(Level level) {
      this.level = level;
    }
  }

  private LogLevel() {}

  /** The level now, in lower case. */
  static String now() {
    var logger = Logger.getLogger(CATEGORIES.getFirst());
    while (logger.getLevel() == null && logger.getParent() != null) {
      logger = logger.getParent();
    }
    var level = logger.getLevel();
    for (var named : Named.values()) {
      if (level.intValue() >= named.level.intValue()) {
        return named.name().toLowerCase(Locale.ROOT);
      }
    }
    return Named.TRACE.name().toLowerCase(Locale.ROOT);
  }

  /**
   * @return false for a name that is none
   */
  static boolean set(String name) {
    for (var named : Named.values()) {
      if (named.name().equalsIgnoreCase(name)) {
        CATEGORIES.forEach(category -> Logger.getLogger(category).setLevel(named.level));
        return true;
      }
    }
    return false;
  }
}
