package dev.kelvin.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HpackTest {
  private static Map<String, String> read(String hex) throws IOException {
    return Hpack.read(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  @Test
  void readsTheExamplesOfRfc7541() throws Exception {
    // C.2.1 and C.2.2: literals, with a name of their own and by its place.
    assertEquals(
        Map.of("custom-key", "custom-header"),
        read("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"));
    // C.4.1: "www.example.com" in Huffman's code; the method and its like are left out.
    assertEquals(
        Map.of("static-1", "www.example.com"), read("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"));
    // C.6.1: a status and more.
    assertEquals(
        "Mon, 21 Oct 2013 20:13:21 GMT",
        read("4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b"
                + " ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3")
            .get("static-33"));
    assertEquals("302", read("4882 6402").get(":status"));
    assertEquals("200", read("88").get(":status"));
  }

  @Test
  void readsWhatItWrites() throws Exception {
    var block = new ByteArrayOutputStream();
    var name = "x".repeat(300);
    Hpack.write(block, name, "ü");
    Hpack.write(block, Hpack.CONTENT_TYPE, "application/grpc");
    assertEquals(
        Map.of(name, "ü", "static-31", "application/grpc"), Hpack.read(block.toByteArray()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "be", // the dynamic table, which was declined
        "40", // ends too early
        "400a 63",
        "4f ff ff ff ff ff ff ff", // a number without end
        "0001 6181 00", // what is left over are no ones
        "0001 6184 ffff ffff" // the end's own code
      })
  void refusesWhatIsNoHeader(String hex) {
    assertThrows(IOException.class, () -> read(hex));
  }
}
