package dev.kelvin.api.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class PageTokenTest {
  private static final ByteString PREFIX = ByteString.copyFrom(new byte[] {'a', '/', -1});
  private static final PageToken TOKEN =
      new PageToken(1L << 40, PREFIX, PREFIX.concat(KeyPrefix.ZERO));

  @Test
  void whatIsEncodedIsDecoded() {
    assertEquals(TOKEN, PageToken.decode(TOKEN.encode()));
    var all = new PageToken(7, ByteString.EMPTY, KeyPrefix.ZERO);
    assertEquals(all, PageToken.decode(all.encode()));
  }

  @Test
  void aTokenNeedsNoEscapesInAQuery() {
    assertEquals("", TOKEN.encode().replaceAll("[A-Za-z0-9_-]", ""));
  }

  @Test
  void everyFlippedBitIsFoundOut() {
    var bytes = Base64.getUrlDecoder().decode(TOKEN.encode());
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      assertRefused(Base64.getUrlEncoder().encodeToString(bytes));
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  @Test
  void whatIsCutOrNoneOfOursIsRefused() {
    var text = TOKEN.encode();
    for (int length = 0; length < text.length(); length++) {
      assertRefused(text.substring(0, length));
    }
    assertRefused("not a token at all, with spaces");
  }

  private static void assertRefused(String token) {
    var refused = assertThrows(ProblemException.class, () -> PageToken.decode(token));
    assertEquals(400, refused.problem().status());
  }
}
