package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormsTest {
  private static Keys.Range range(String... words) {
    return Keys.Range.of(
        Given.parse(Commands.GET, List.of(), List.of(words), StandardCharsets.ISO_8859_1));
  }

  private static String end(String... words) {
    return Bytes.hex(range(words).end());
  }

  @Test
  void aRangeEndsAsEtcdsClientsSay() {
    assertEquals("", end("a"));
    assertEquals("\\x63", end("a", "c"));
    assertEquals("\\x62", end("--prefix", "a"));
    assertEquals("\\x62", end("--prefix", "a\u00ff"));
    assertEquals("\\x00", end("--prefix", "\u00ff\u00ff"));
    assertEquals("\\x00", end("--from-key", "a"));
    assertEquals("\\x00", end("--prefix", ""));
    assertEquals("\\x00", Bytes.hex(range("--prefix", "").key()));
  }

  @Test
  void jsonIsEtcdctls() {
    var kv =
        KeyValue.newBuilder()
            .setKey(ByteString.copyFrom(new byte[] {0, -1}))
            .setModRevision(7)
            .setLease(-1)
            .build();
    var json = new Json();
    Json.keyValue(json, kv);
    assertEquals("{\"key\":\"AP8=\",\"mod_revision\":7,\"lease\":-1}", json.toString());
    assertEquals(
        "{\"id\":18446744073709551615,\"s\":\"a\\\"\\u0001\",\"f\":true}",
        new Json()
            .unsigned("id", -1)
            .number("none", 0)
            .string("s", "a\"\u0001")
            .flag("f", true)
            .flag("no", false)
            .toString());
  }

  @Test
  void columnsAreAsWideAsTheirCells() {
    assertEquals(
        "A    B\n1    2\n333  ü\n", new Table("A", "B").row("1", "2").row("333", "ü").toString());
  }

  @Test
  void whatIsNotReadableIsEscaped() {
    assertEquals("grün", Bytes.readable(ByteString.copyFromUtf8("grün")));
    assertEquals("a\\x0ab", Bytes.readable(ByteString.copyFromUtf8("a\nb")));
    assertEquals("\\xff\\\\", Bytes.readable(ByteString.copyFrom(new byte[] {-1, '\\'})));
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "1023, 1023 B", "1536, 1.5 KiB", "1073741824, 1.0 GiB"})
  void sizesHaveUnits(long bytes, String text) {
    assertEquals(text, Bytes.size(bytes));
  }
}
