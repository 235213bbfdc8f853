// SPDX-License-Identifier: GPL-2.0

//! The pulses of a channel.

use crate::{bindings, ffi::c_int};

/// The pulses of a channel, in nanoseconds. A period of 0 stands for a channel that is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "pwm_state")]
pub struct Waveform {
    /// The time from the beginning of one period to that of the next.
    pub period_length_ns: u64,
    /// For how long the output is high in each period.
    pub duty_length_ns: u64,
    /// The time from the beginning of a period until the output becomes high.
    pub duty_offset_ns: u64,
}

/// What was made of a waveform that the hardware cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundingOutcome {
    /// All its values are what was asked for, or smaller.
    ExactOrRoundedDown,
    /// At least one value is larger: the hardware has none that is small enough.
    RoundedUp,
}

/// What the hardware is told for a waveform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundedWaveform<WfHw> {
    /// 0 if no value is larger than what was asked for, else 1.
    pub status: c_int,
    /// What [`PwmOps::write_waveform`](super::PwmOps::write_waveform) gets.
    pub hardware_waveform: WfHw,
}

impl Waveform {
    /// The waveform of a state of C's, before 6.13: an inverted one begins with the low part.
    #[cfg_attr(
        all(lifebound_pwm_waveform, not(lifebound_kunit)),
        expect(dead_code, reason = "C has waveforms of its own")
    )]
    pub(super) fn from_state(state: &bindings::pwm_state) -> Self {
        if !state.enabled {
            return Self::default();
        }
        let low = state.period.saturating_sub(state.duty_cycle);
        if state.polarity == bindings::pwm_polarity_PWM_POLARITY_INVERSED {
            return Self {
                period_length_ns: state.period,
                duty_length_ns: low,
                duty_offset_ns: state.duty_cycle,
            };
        }
        Self {
            period_length_ns: state.period,
            duty_length_ns: state.duty_cycle,
            duty_offset_ns: 0,
        }
    }

    /// Writes the waveform to a state of C's.
    #[cfg_attr(
        all(lifebound_pwm_waveform, not(lifebound_kunit)),
        expect(dead_code, reason = "C has waveforms of its own")
    )]
    pub(super) fn to_state(self, state: &mut bindings::pwm_state) {
        state.enabled = self.period_length_ns != 0;
        if !state.enabled {
            return;
        }
        let high_until = self.duty_length_ns.saturating_add(self.duty_offset_ns);
        let is_inverted = high_until >= self.period_length_ns && self.duty_offset_ns != 0;
        state.period = self.period_length_ns;
        (state.polarity, state.duty_cycle) = if is_inverted {
            (
                bindings::pwm_polarity_PWM_POLARITY_INVERSED,
                self.period_length_ns.saturating_sub(self.duty_length_ns),
            )
        } else {
            (
                bindings::pwm_polarity_PWM_POLARITY_NORMAL,
                self.duty_length_ns.min(self.period_length_ns),
            )
        };
    }
}

#[macros::kunit_tests(lifebound_pwm_waveform)]
mod tests {
    use super::*;

    fn state(
        period: u64,
        duty_cycle: u64,
        polarity: bindings::pwm_polarity,
    ) -> bindings::pwm_state {
        bindings::pwm_state {
            period,
            duty_cycle,
            polarity,
            enabled: true,
            ..Default::default()
        }
    }

    #[test]
    fn states_and_waveforms_are_the_same_pulses() {
        for (polarity, waveform) in [
            (
                bindings::pwm_polarity_PWM_POLARITY_NORMAL,
                Waveform {
                    period_length_ns: 100,
                    duty_length_ns: 30,
                    duty_offset_ns: 0,
                },
            ),
            (
                bindings::pwm_polarity_PWM_POLARITY_INVERSED,
                Waveform {
                    period_length_ns: 100,
                    duty_length_ns: 70,
                    duty_offset_ns: 30,
                },
            ),
        ] {
            let before = state(100, 30, polarity);
            assert_eq!(Waveform::from_state(&before), waveform);
            let mut after = state(0, 0, 0);
            waveform.to_state(&mut after);
            assert_eq!((after.period, after.duty_cycle), (100, 30));
            assert_eq!((after.polarity, after.enabled), (polarity, true));
        }
        let mut after = state(7, 7, 0);
        let off = bindings::pwm_state {
            enabled: false,
            ..after
        };
        assert_eq!(Waveform::from_state(&off), Waveform::default());
        Waveform::default().to_state(&mut after);
        assert!(!after.enabled);
    }

    #[test]
    fn absurd_values_do_not_overflow() {
        let mut after = state(0, 0, 0);
        let absurd = Waveform {
            period_length_ns: 5,
            duty_length_ns: u64::MAX,
            duty_offset_ns: 0,
        };
        absurd.to_state(&mut after);
        assert_eq!((after.period, after.duty_cycle), (5, 5));
        let inverted = bindings::pwm_polarity_PWM_POLARITY_INVERSED;
        assert_eq!(
            Waveform::from_state(&state(5, 9, inverted)).duty_length_ns,
            0
        );
    }
}
