"""Growth prediction: an exponential curve through what was measured."""

import math

from pydantic import BaseModel, Field, PositiveFloat


class Measurement(BaseModel):
    """A size on a day."""

    day: float
    size: PositiveFloat


class Question(BaseModel):
    """What was measured, and the day to predict."""

    measurements: list[Measurement] = Field(min_length=2, max_length=1000)
    day: float = Field(ge=-10_000, le=10_000)


class Answer(BaseModel):
    """The size to expect, and by which factor it grows in a day."""

    size: float
    daily_factor: float


def predict(question: Question) -> Answer:
    """Fit the logarithms of the sizes by least squares. Raises ValueError when all were measured on one day, or the answer is no number."""
    days = [one.day for one in question.measurements]
    logs = [math.log(one.size) for one in question.measurements]
    mean_day, mean_log = sum(days) / len(days), sum(logs) / len(logs)
    spread = sum((day - mean_day) ** 2 for day in days)
    if not spread:
        raise ValueError("all measurements are of one day")
    slope = sum((day - mean_day) * (log - mean_log) for day, log in zip(days, logs, strict=True)) / spread
    try:
        return Answer(size=math.exp(mean_log + slope * (question.day - mean_day)), daily_factor=math.exp(slope))
    except OverflowError:
        raise ValueError("grows beyond every number until then") from None
