package dev.kelvin.app;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Collects what was said about each setting: command line before environment before file before
 * default. What it does not know it refuses: a misspelt limit must not be a missing one.
 */
final class Sources {
  /**
   * What Kubernetes puts into every container for a Service whose name begins with "kelvin"; not
   * meant for us.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "KELVIN_(\\w+_)?(SERVICE_(HOST|PORT(_\\w+)?)|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

  /** Names the JVM launcher script, not an option of the node. */
  private static final String JAVA_OPTIONS = "KELVIN_JAVA_OPTS";

  /** Names nodes to the commands that ask a cluster. */
  private static final String ENDPOINTS = "KELVIN_ENDPOINTS";

  /** Names the file itself. */
  static final String CONFIG_VARIABLE = "KELVIN_CONFIG";

  private static final String PREFIX = "kelvin.";

  private Sources() {}

  /** A value and how the place it came from spells the setting, for messages. */
  record Value(String text, String spelling) {}

  /**
   * @param line values given on the command line
   * @param file given by {@code --config}; null if not
   */
  static Map<Setting, Value> merge(
      Map<Setting, String> line, Map<String, String> environment, Path file) {
    var values = new EnumMap<Setting, Value>(Setting.class);
    for (var setting : Setting.values()) {
      values.put(setting, new Value(setting.standard(), setting.option()));
    }
    var config = environment.get(CONFIG_VARIABLE);
    if (file != null) {
      values.putAll(file(file, "--config"));
    } else if (config != null) {
      values.putAll(file(Path.of(config), CONFIG_VARIABLE));
    }
    values.putAll(environment(environment));
    line.forEach((setting, text) -> values.put(setting, new Value(text, setting.option())));
    return values;
  }

  private static Map<Setting, Value> environment(Map<String, String> environment) {
    var values = new EnumMap<Setting, Value>(Setting.class);
    // Sorted, so that the same mistakes give the same message.
    new TreeMap<>(environment)
        .forEach(
            (variable, text) -> {
              if (!variable.startsWith("KELVIN_")
                  || variable.equals(CONFIG_VARIABLE)
                  || variable.equals(JAVA_OPTIONS)
                  || variable.equals(ENDPOINTS)) {
                return;
              }
              var key =
                  variable.substring("KELVIN_".length()).toLowerCase(Locale.ROOT).replace('_', '-');
              var setting = Setting.byKey(key).filter(s -> s.variable().equals(variable));
              if (setting.isPresent()) {
                values.put(setting.get(), new Value(text, variable));
              } else if (!SERVICE_LINK.matcher(variable).matches()) {
                throw new OptionException(
                    "unknown environment variable "
                        + variable
                        + Setting.like(key)
                            .map(s -> ", did you mean " + s.variable() + "?")
                            .orElse(""));
              }
            });
    return values;
  }

  private static Map<Setting, Value> file(Path file, String spelling) {
    var properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new OptionException(spelling + ": cannot read " + file + " (" + e + ")");
    }
    var values = new EnumMap<Setting, Value>(Setting.class);
    for (var property : new TreeMap<>(properties).entrySet()) {
      var name = property.getKey().toString();
      var key = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
      var setting = Setting.byKey(key).filter(s -> s.property().equals(name));
      if (setting.isEmpty()) {
        throw new OptionException(
            file
                + ": unknown setting "
                + name
                + Setting.like(key).map(s -> ", did you mean " + s.property() + "?").orElse(""));
      }
      values.put(
          setting.get(),
          new Value(
              property.getValue().toString().strip(), file + ": " + setting.get().property()));
    }
    return values;
  }
}
