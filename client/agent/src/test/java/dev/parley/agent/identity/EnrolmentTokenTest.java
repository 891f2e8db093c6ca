package dev.parley.agent.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnrolmentTokenTest {
    private static final String SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I";
    private static final String GOOD = "parley1." + SECRET + "." + "ab".repeat(32);

    @Test
    void carriesTheAuthorityAndHidesTheSecret() {
        EnrolmentToken token = EnrolmentToken.parse(GOOD + "\n");

        assertEquals("ab".repeat(32), token.authority().hex());
        assertEquals(GOOD, token.secretText());
        assertFalse(token.toString().contains(SECRET));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "parley1." + SECRET,
                "parley2." + SECRET + ".abababababababababababababababababababababababababababababababab",
                "parley1." + SECRET + ".ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB",
                "parley1.short.abababababababababababababababababababababababababababababababab"
            })
    void refusesOtherFormsWithoutRepeatingThem(String text) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> EnrolmentToken.parse(text));

        assertFalse(String.valueOf(refused.getMessage()).contains(SECRET));
    }
}
