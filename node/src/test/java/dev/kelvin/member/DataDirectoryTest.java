package dev.kelvin.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path dir;

  @Test
  void anEmptyDirectoryGetsAnIncarnationThatStays() {
    long incarnation;
    try (var directory = DataDirectory.open(dir)) {
      var identity = directory.identity();
      assertFalse(identity.isMember());
      incarnation = identity.incarnation();
    }
    try (var directory = DataDirectory.open(dir)) {
      assertEquals(incarnation, directory.identity().incarnation());
    }
  }

  @Test
  void theIdentityComesBackAsItWasSaved() {
    var identity =
        new Identity(-5, 7, -9, true, true, 11, Map.of(-9L, "http://a:1", 3L, "http://b:2"));
    try (var directory = DataDirectory.open(dir)) {
      directory.save(identity);
      assertEquals(identity, directory.identity());
    }
  }

  @Test
  void aDirectoryInUseIsRefusedByName() {
    try (var directory = DataDirectory.open(dir)) {
      var e = assertThrows(StartException.class, () -> DataDirectory.open(dir));
      assertTrue(e.getMessage().contains("in use by another process"), e.getMessage());
      assertTrue(e.getMessage().contains("--data-dir"), e.getMessage());
      assertEquals(dir, directory.path());
    }
  }

  @Test
  void dataWithoutIdentityAreNotTakenForAnEmptyDisk() throws Exception {
    Files.createDirectories(dir.resolve("raft"));
    try (var directory = DataDirectory.open(dir)) {
      var e = assertThrows(StartException.class, directory::identity);
      assertTrue(e.getMessage().contains("holds data but no file 'identity'"), e.getMessage());
    }
  }

  @Test
  void anIdentityOfANewerFormatIsRefused() throws Exception {
    Files.writeString(dir.resolve("identity"), "format=2\nincarnation=1\ncluster=1\nmember=1\n");
    try (var directory = DataDirectory.open(dir)) {
      var e = assertThrows(StartException.class, directory::identity);
      assertTrue(e.getMessage().contains("format is 2, this build reads 1"), e.getMessage());
    }
  }
}
