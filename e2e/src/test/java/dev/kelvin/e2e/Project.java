package dev.kelvin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The checkout that is tested. */
final class Project {
  static final Path ROOT =
      Path.of(System.getProperty("kelvin.root", "..")).toAbsolutePath().normalize();

  private static final Pattern VERSION =
      Pattern.compile("^ {2}<version>(.+)</version>$", Pattern.MULTILINE);

  private Project() {}

  static String read(String path) {
    try {
      return Files.readString(ROOT.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As in the parent's pom, and so the images' tag. */
  static String version() {
    var matcher = VERSION.matcher(read("pom.xml"));
    if (!matcher.find()) {
      throw new IllegalStateException("pom.xml has no version");
    }
    return matcher.group(1);
  }
}
