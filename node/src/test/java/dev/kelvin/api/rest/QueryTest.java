package dev.kelvin.api.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
  private static void assertRefused(String detail, Executable request) {
    var refused = assertThrows(ProblemException.class, request);
    assertEquals(400, refused.problem().status());
    assertEquals(detail, refused.problem().detail());
  }

  @Test
  void valuesAreAnyBytes() {
    var query = Query.of("prefix=%00%FFa%2F+b&all", "prefix", "all");
    assertEquals(
        ByteString.copyFrom(new byte[] {0, -1, 'a', '/', ' ', 'b'}), query.bytes("prefix"));
    assertTrue(query.flag("all"));
    assertFalse(query.has("limit"));
    assertFalse(query.flag("limit"));
  }

  @Test
  void aPlusInAPathIsAPlus() {
    assertEquals("a+b c", PercentCode.path("a+b%20c").toStringUtf8());
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "a%4", "%zz", "%-1", "\u20ac"})
  void whatIsNotEncodedIsRefused(String raw) {
    assertRefused("not percent-encoded: " + raw, () -> PercentCode.path(raw));
  }

  @Test
  void aParameterThatIsNotKnownIsRefused() {
    assertRefused("no such parameter: tll (there are: ttl)", () -> Query.of("tll=60", "ttl"));
    assertRefused("no such parameter: a, b (there are: none)", () -> Query.of("b&a"));
    assertRefused("given twice: ttl", () -> Query.of("ttl=1&ttl=2", "ttl"));
  }

  @Test
  void numbersHaveLimits() {
    assertEquals(7, Query.of((String) null, "limit").number("limit", 1, 10, 7));
    assertEquals(10, Query.of("limit=10", "limit").number("limit", 1, 10, 7));
    assertEquals(
        Long.MAX_VALUE,
        Query.of("from=" + Long.MAX_VALUE, "from").number("from", 1, Long.MAX_VALUE, 0));
    for (var wrong : new String[] {"0", "11", "-1", "1.5", "", "abc", "9999999999999999999"}) {
      assertRefused(
          "limit must be a number from 1 to 10",
          () -> Query.of("limit=" + wrong, "limit").number("limit", 1, 10, 7));
    }
    assertRefused(
        "ttl must be a number of at least 1",
        () -> Query.of("ttl=0", "ttl").number("ttl", 1, Long.MAX_VALUE, 0));
  }

  @Test
  void aReadIsSerializableIfItIsAskedFor() {
    var names = new String[] {"consistency", "serializable"};
    assertFalse(Query.of((String) null, names).serializable());
    assertFalse(Query.of("consistency=linearizable", names).serializable());
    assertTrue(Query.of("consistency=serializable", names).serializable());
    assertTrue(Query.of("serializable=true", names).serializable());
    assertRefused(
        "consistency must be linearizable or serializable",
        () -> Query.of("consistency=eventual", names).serializable());
  }

  @Test
  void aPrefixIsTheRangeOfAllThatBeginsWithIt() {
    assertEquals(bytes('b'), new KeyPrefix(bytes('a')).end());
    assertEquals(bytes('b'), new KeyPrefix(bytes('a', 0xff, 0xff)).end());
    assertEquals(bytes(0x80), new KeyPrefix(bytes(0x7f)).end());
    assertEquals(bytes(0), new KeyPrefix(bytes(0xff, 0xff)).end());
    assertEquals(bytes(0), new KeyPrefix(ByteString.EMPTY).end());
    assertEquals(bytes(0), new KeyPrefix(ByteString.EMPTY).from());
    assertEquals(bytes('a'), new KeyPrefix(bytes('a')).from());
  }

  private static ByteString bytes(int... values) {
    var bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteString.copyFrom(bytes);
  }
}
