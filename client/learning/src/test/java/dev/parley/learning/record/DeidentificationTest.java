package dev.parley.learning.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeidentificationTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mail jane.doe+x@klinik.example.org now     | mail <email> now
            see https://example.org/a?b=c, please      | see <url> please
            www.example.org                            | <url>
            on 2020-03-12 at home                      | on <date> at home
            2020-03-12T08:30:00Z                       | <date>
            on 12.03.2020 and 12/3/20                  | on <date> and <date>
            March 12, 2020; 12 March 2020; 12 Mar      | <date>; <date>; <date>
            3rd of March, since Jan 2020               | <date>, since <date>
            +49 (511) 532-6789 or 0049 511 5326789     | <phone> or <phone>
            call 555-123-4567 or (0511) 532 6789       | call <phone> or <phone>
            0511 5326789                               | <phone>
            MRN 12345678                               | MRN <id>
            H-2020-00417 and AB12345C                  | <id> and <id>
            """)
    void masksWhatLooksLikeAnIdentifier(String text, String masked) {
        assertEquals(masked, Deidentification.apply(text));
        assertEquals(masked, Deidentification.apply(masked));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            BP 120/80, SpO2 93.5 %, temp 38.5, WBC 12.5
            covid-19, 2019-nCoV, SARS-CoV-2, H1N1
            day 3 of 14, 70 years, 65-year-old
            the patient may improve
            [DX] <num> <sensitive>
            """)
    void leavesMeasurementsAndWords(String text) {
        assertEquals(text, Deidentification.apply(text));
    }

    /** What the class says that it does not do; a test so that nobody believes otherwise. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Mrs Jane Doe of 12 Mill Lane, aged 97
            am 3. Januar
            """)
    void doesNotSeeNamesAddressesAgesOrOtherLanguages(String text) {
        assertEquals(text, Deidentification.apply(text));
    }
}
