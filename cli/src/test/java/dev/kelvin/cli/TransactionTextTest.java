package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.proto.etcdserverpb.Compare;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransactionTextTest {
  @Test
  void threePartsAreToldApartByEmptyLines() {
    var request =
        TransactionText.parse(
            """
            value("a") = "1"
            mod("b") > "7"

            put a "2 3"
            get --prefix b

            del --prev-kv c
            """);
    assertEquals(2, request.getCompareCount());
    var compare = request.getCompare(1);
    assertEquals(Compare.CompareTarget.MOD, compare.getTarget());
    assertEquals(Compare.CompareResult.GREATER, compare.getResult());
    assertEquals(7, compare.getModRevision());
    assertEquals("2 3", request.getSuccess(0).getRequestPut().getValue().toStringUtf8());
    assertEquals("c", request.getSuccess(1).getRequestRange().getRangeEnd().toStringUtf8());
    var delete = request.getFailure(0).getRequestDeleteRange();
    assertEquals("c", delete.getKey().toStringUtf8());
    assertEquals(true, delete.getPrevKv());
  }

  @Test
  void nothingToCompareAlwaysHolds() {
    var request = TransactionText.parse("\nput a b\n");
    assertEquals(0, request.getCompareCount());
    assertEquals(1, request.getSuccessCount());
  }

  @Test
  void anyByteCanBeSaid() {
    var request = TransactionText.parse("\nput \"\\x00\\xff\" 'a\\b'\n");
    var put = request.getSuccess(0).getRequestPut();
    assertArrayEquals(new byte[] {0, -1}, put.getKey().toByteArray());
    assertEquals("a\\b", put.getValue().toStringUtf8());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "vlaue(\"a\") = \"1\" | \"vlaue\" cannot be compared, did you mean value?, in: vlaue(\"a\")"
            + " = \"1\"",
        "value(\"a\") ~ \"1\" | compares by =, !=, < or >, in: value(\"a\") ~ \"1\"",
        "value(\"a = \"1\" | misses \")\", in: value(\"a = \"1\"",
        "mod(\"a\") = \"x\" | what to compare with: must be a number, got \"x\", in: mod(\"a\") ="
            + " \"x\"",
        "hello | a comparison looks like value(\"key\") = \"hello\", in: hello",
        "value(\"a\") = \"1\" 2 | unexpected \"2\", in: value(\"a\") = \"1\" 2",
        "value(\"a\") = \"\\q\" | unknown escape \\q, in: value(\"a\") = \"\\q\""
      })
  void aLineThatCannotBeReadIsShown(String line, String message) {
    assertEquals(
        message,
        assertThrows(UsageException.class, () -> TransactionText.parse(line)).getMessage());
  }

  @Test
  void anUnknownRequestIsRefused() {
    var e = assertThrows(UsageException.class, () -> TransactionText.parse("\nptu a b\n"));
    assertEquals("unknown request ptu, did you mean put?, in: ptu a b", e.getMessage());
  }
}
