package dev.kelvin.api.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.Compare.CompareResult;
import dev.kelvin.proto.etcdserverpb.Compare.CompareTarget;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionsTest {
  private static final ByteString KEY = ByteString.copyFromUtf8("key");

  private static Compare mod(CompareResult result, long revision) {
    return Compare.newBuilder()
        .setKey(KEY)
        .setTarget(CompareTarget.MOD)
        .setResult(result)
        .setModRevision(revision)
        .build();
  }

  @Test
  void aWriteComparesModificationRevisions() {
    assertEquals(List.of(mod(CompareResult.EQUAL, 5)), new Conditions("\"5\"", null).compares(KEY));
    assertEquals(List.of(mod(CompareResult.GREATER, 0)), new Conditions("*", null).compares(KEY));
    assertEquals(List.of(mod(CompareResult.EQUAL, 0)), new Conditions(null, "*").compares(KEY));
    assertEquals(
        List.of(mod(CompareResult.NOT_EQUAL, 5)), new Conditions(null, " \"5\" ").compares(KEY));
    assertEquals(
        List.of(mod(CompareResult.GREATER, 0), mod(CompareResult.NOT_EQUAL, 5)),
        new Conditions("*", "\"5\"").compares(KEY));
    assertTrue(new Conditions(null, null).none());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"0\"", "\"abc\"", "\"-1\"", "\"\"", "\"99999999999999999999\""})
  void aTagThatIsNoneOfOursMatchesNoVersionAndNoMissingKey(String tag) {
    assertEquals(List.of(mod(CompareResult.EQUAL, -1)), new Conditions(tag, null).compares(KEY));
    assertTrue(new Conditions(tag, null).missed(0));
    assertFalse(new Conditions(null, tag).has(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "\"5\", \"6\"", "W/\"5\"", "\"5", "", "\"5\" \"6\""})
  void aWriteTakesOneStrongTagInQuotes(String match) {
    var refused =
        assertThrows(
            ProblemException.class, () -> new Conditions(match, null).compares(KEY), match);
    assertEquals(400, refused.problem().status());
  }

  @Test
  void aReaderHasAVersionThatOneOfItsTagsNames() {
    var conditions = new Conditions(null, "\"4\", W/\"5\"");
    assertTrue(conditions.has(5));
    assertTrue(conditions.has(4));
    assertFalse(conditions.has(6));
    assertTrue(new Conditions(null, "*").has(6));
    assertFalse(new Conditions(null, null).has(6));
  }

  @Test
  void aReaderMissesAVersionThatNoneOfItsTagsNames() {
    assertTrue(new Conditions("\"4\"", null).missed(5));
    assertTrue(new Conditions("*", null).missed(0));
    assertFalse(new Conditions("*", null).missed(5));
    assertFalse(new Conditions("\"4\", \"5\"", null).missed(5));
    assertFalse(new Conditions(null, null).missed(0));
  }
}
