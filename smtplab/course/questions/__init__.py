"""The exercises of all lessons, by name, in the order of the lessons; and those that there are in other languages."""

from . import japanese, lesson_00, lesson_01, lesson_02, lesson_03, lesson_04, lesson_05, lesson_06

LESSONS = (lesson_00, lesson_01, lesson_02, lesson_03, lesson_04, lesson_05, lesson_06)
EXERCISES = {exercise.name: exercise for lesson in LESSONS for exercise in lesson.EXERCISES}
TRANSLATED = {"ja": japanese.EXERCISES}
