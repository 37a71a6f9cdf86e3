package dev.kelvin.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Version of this build. */
public final class Version {
  public static final String KELVIN = read();

  private Version() {}

  private static String read() {
    var properties = new Properties();
    try (var in = Version.class.getResourceAsStream("version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }
}
