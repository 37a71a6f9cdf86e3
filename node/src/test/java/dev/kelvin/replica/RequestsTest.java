package dev.kelvin.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.replica.Replica.Completion;
import dev.kelvin.replica.Replica.Failure;
import dev.kelvin.store.Outcome;
import org.junit.jupiter.api.Test;

class RequestsTest {
  private static final Completion NOBODY =
      new Completion() {
        @Override
        public void done(Outcome outcome) {}

        @Override
        public void failed(Failure failure) {}
      };

  private static Requests.Pending register(Requests requests, int size) {
    return requests.register(n -> new byte[size], size, false, Runnable::run, NOBODY, 100);
  }

  @Test
  void aRequestIsTakenOnce() {
    var requests = new Requests(8, 1000);
    var pending = register(requests, 10);
    assertTrue(requests.contains(pending.request));
    assertEquals(pending, requests.take(pending.request));
    assertNull(requests.take(pending.request));
    assertFalse(requests.contains(pending.request));
  }

  @Test
  void creditEndsByCountAndComesBack() {
    var requests = new Requests(4, 1000);
    var first = register(requests, 1);
    for (int i = 0; i < 3; i++) {
      assertNotNull(register(requests, 1));
    }
    assertNull(register(requests, 1));
    requests.take(first.request);
    assertNotNull(register(requests, 1));
  }

  @Test
  void creditEndsByBytesAndComesBack() {
    var requests = new Requests(64, 100);
    var first = register(requests, 60);
    assertNull(register(requests, 60));
    assertNotNull(register(requests, 40));
    requests.take(first.request);
    assertNotNull(register(requests, 60));
  }

  @Test
  void anOldNumberDoesNotFindTheRequestThatTookItsSlot() {
    var requests = new Requests(2, 1000);
    var first = register(requests, 1);
    requests.take(first.request);
    register(requests, 1);
    var second = register(requests, 1);
    assertNotNull(second);
    assertNull(requests.take(first.request));
    assertFalse(requests.contains(first.request));
  }
}
