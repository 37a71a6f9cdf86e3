package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import org.junit.jupiter.api.Test;

class TemplateTest {
  @Test
  void encodesTheRequestForAnyKey() throws InvalidProtocolBufferException {
    var put = PutRequest.parseFrom(new Requests(Op.PUT, 10, 16, 128).encode(1234));
    assertEquals("k000000000001234", put.getKey().toStringUtf8());
    assertEquals(128, put.getValue().size());
    var range = RangeRequest.parseFrom(new Requests(Op.SGET, 10, 16, 128).encode(7));
    assertEquals("k000000000000007", range.getKey().toStringUtf8());
    assertEquals(true, range.getSerializable());
  }

  @Test
  void readsTheNumberOfAKeyBack() {
    assertEquals(98765, Template.number(Template.key(98765, 64)));
  }

  @Test
  void refusesANumberTooLongForTheKey() {
    assertThrows(IllegalArgumentException.class, () -> Template.key(100_000, 6));
  }
}
