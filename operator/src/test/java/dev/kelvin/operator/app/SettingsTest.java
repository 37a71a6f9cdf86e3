package dev.kelvin.operator.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operator.children.Children;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void anImageIsARepositoryAndPerhapsATag() {
    assertEquals(new Children("kelvin/node", "1.0"), Settings.children("kelvin/node", "1.0"));
    assertEquals(new Children("kelvin/node", "2.0"), Settings.children("kelvin/node:2.0", "1.0"));
    assertEquals(
        new Children("registry:5000/kelvin/node", "1.0"),
        Settings.children("registry:5000/kelvin/node", "1.0"));
  }

  @Test
  void whatNoVersionFitsToIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Settings.children("kelvin@sha256:1", "1"));
    assertThrows(IllegalArgumentException.class, () -> Settings.children(" ", "1"));
  }
}
