"""The vocabularies are complete, and say what the standards say."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from repo import vocabularies
from repo.items.access import Access
from repo.items.metadata import Metadata
from repo.vocabularies.terms import LANGS, VOCABULARIES


def words(text: str) -> set[str]:
    return set(text.split())


DATACITE_TYPES = words(
    """
    Audiovisual Award Book BookChapter Collection ComputationalNotebook ConferencePaper ConferenceProceeding
    DataPaper Dataset Dissertation Event Image Instrument InteractiveResource Journal JournalArticle Model
    OutputManagementPlan PeerReview PhysicalObject Preprint Project Report Service Software Sound Standard
    StudyRegistration Text Workflow Other
    """
)
DATACITE_CONTRIBUTORS = words(
    """
    ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution Producer ProjectLeader
    ProjectManager ProjectMember RegistrationAgency RegistrationAuthority RelatedPerson Researcher ResearchGroup
    RightsHolder Sponsor Supervisor Translator WorkPackageLeader Other
    """
)
DATACITE_RELATIONS = words(
    """
    IsCitedBy Cites IsSupplementTo IsSupplementedBy IsContinuedBy Continues IsDescribedBy Describes HasMetadata
    IsMetadataFor HasVersion IsVersionOf IsNewVersionOf IsPreviousVersionOf IsPartOf HasPart IsPublishedIn
    IsReferencedBy References IsDocumentedBy Documents IsCompiledBy Compiles IsVariantFormOf IsOriginalFormOf
    IsIdenticalTo IsReviewedBy Reviews IsDerivedFrom IsSourceOf IsRequiredBy Requires IsObsoletedBy Obsoletes
    IsCollectedBy Collects IsTranslationOf HasTranslation
    """
)
DATACITE_IDENTIFIERS = words(
    """
    ARK arXiv bibcode CSTR DOI EAN13 EISSN Handle IGSN ISBN ISSN ISTC LISSN LSID PMID PURL RRID UPC URL URN w3id
    """
)
OPENAIRE_CONTRIBUTORS = DATACITE_CONTRIBUTORS - {"Translator"}
OPENAIRE_RELATIONS = DATACITE_RELATIONS - words(
    "IsPublishedIn IsObsoletedBy Obsoletes IsCollectedBy Collects IsTranslationOf HasTranslation"
)
DCMI_RELATIONS = words(
    """
    relation source conformsTo hasFormat hasPart hasVersion isFormatOf isPartOf isReferencedBy isReplacedBy isRequiredBy
    isVersionOf references replaces requires
    """
)
EU_REPO_TYPES = words(
    """
    article bachelorThesis masterThesis doctoralThesis book bookPart review conferenceObject lecture workingPaper
    preprint report annotation contributionToPeriodical patent other
    """
)
DCMI_TYPES = words(
    """
    Collection Dataset Event Image InteractiveResource MovingImage PhysicalObject Service Software Sound StillImage
    Text
    """
)


def every_text() -> list[tuple[str, str, str]]:
    """(where, language, text) of all texts in all vocabularies."""
    found = []
    for name, load in VOCABULARIES.items():
        for term in load().values():
            for part in ("labels", "hints", "explanations"):
                texts = getattr(term, part, None)
                found += [(f"{name}/{term.code}/{part}", lang, text) for lang, text in (texts or {}).items()]
    return found


def test_every_file_of_data_is_a_vocabulary() -> None:
    names = {Path(entry.name).stem for entry in (files("repo.vocabularies") / "data").iterdir()}
    assert names == {*VOCABULARIES, "marc"}  # what codes are called in catalogue formats: test_marc.py


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_text_stands_in_three_languages(name: str) -> None:
    for term in VOCABULARIES[name]().values():
        for part in ("labels", "hints", "explanations"):
            texts: dict[str, str] = getattr(term, part, {})
            if part == "labels" or texts:
                assert list(texts) == list(LANGS), term.code
                assert all(text == text.strip() != "" for text in texts.values()), term.code


def test_no_word_mixes_scripts() -> None:
    """A Latin «о» in a Kyrgyz word cannot be seen, but it is never found."""
    mixed = re.compile(r"[a-z]+[а-яёңөү]|[а-яёңөү]+[a-z]", re.IGNORECASE)
    assert [text for _, _, text in every_text() if mixed.search(text)] == []


def test_russian_says_kyrgyzsky() -> None:
    assert not [text for _, lang, text in every_text() if lang == "ru" and "киргиз" in text.lower()]


def test_the_codes_of_the_standards() -> None:
    types = vocabularies.types().values()
    assert {t.datacite for t in types} <= DATACITE_TYPES
    assert {t.dcmi for t in types} <= DCMI_TYPES
    assert {t.eu_repo.removeprefix("info:eu-repo/semantics/") for t in types} <= EU_REPO_TYPES
    assert all(re.fullmatch(r"http://purl\.org/coar/resource_type/c_[0-9a-z]{4,8}", t.coar) for t in types)
    assert {r.datacite for r in vocabularies.roles().values()} <= DATACITE_CONTRIBUTORS | {""}
    assert all(re.fullmatch("[a-z]{3}", r.marc) for r in vocabularies.roles().values())
    assert set(vocabularies.relations()) <= DATACITE_RELATIONS
    assert {s.datacite for s in vocabularies.identifier_schemes().values()} <= DATACITE_IDENTIFIERS | {""}
    assert all(
        re.fullmatch("[a-z]{3}", x.iso3) and re.fullmatch("[a-z]{3}", x.marc) for x in vocabularies.languages().values()
    )


def test_the_terms_of_the_openaire_guidelines() -> None:
    """Their lists of contributors and relations are those of DataCite 4.1; resource types are checked on records."""
    assert {t.openaire for t in vocabularies.types().values()} == {
        *("literature", "dataset", "software", "other research product")
    }
    assert {r.openaire or r.datacite for r in vocabularies.roles().values()} <= OPENAIRE_CONTRIBUTORS | {""}
    assert {r.openaire or r.code for r in vocabularies.relations().values()} <= OPENAIRE_RELATIONS
    assert {r.dcterms for r in vocabularies.relations().values()} <= DCMI_RELATIONS | {""}


def test_types_belong_to_groups_and_show_fields_that_exist() -> None:
    for kind in vocabularies.types().values():
        assert kind.group in vocabularies.type_groups()
        assert set(kind.sections) <= set(Metadata.model_fields), kind.code
    assert {t.group for t in vocabularies.types().values()} == set(vocabularies.type_groups())


def test_access_rights_are_those_of_the_house() -> None:
    assert set(vocabularies.access_rights()) == {access.value for access in Access}


def test_every_language_has_a_script_that_is_known() -> None:
    scripts = {language.script for language in vocabularies.languages().values()} - {""}
    assert scripts <= set(vocabularies.scripts())


def test_labels_fall_back_to_the_code_of_old_data() -> None:
    assert vocabularies.label("types", "autoreferat", "ky") == "автореферат"
    assert vocabularies.label("types", "daguerreotype", "ky") == "daguerreotype"
    assert vocabularies.types()["book"].label("fr") == "book"


def test_a_language_with_an_unusual_script() -> None:
    assert vocabularies.language_label("ky", "ru") == "кыргызский"
    assert vocabularies.language_label("ky-Arab", "ky") == "кыргызча (араб алфавити)"
    assert vocabularies.language_label("uz-Arab", "en") == "Uzbek (Arabic script)"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("ky", "ltr"),
        ("ky-Arab", "rtl"),
        ("ky-Latn", "ltr"),
        ("fa", "rtl"),
        ("ug-Cyrl", "ltr"),
        ("xx", "ltr"),
        ("", "ltr"),
    ],
)
def test_direction_of_writing(tag: str, expected: str) -> None:
    assert vocabularies.direction(tag) == expected


def test_choices_keep_the_order_of_the_vocabulary() -> None:
    assert [code for code, _ in vocabularies.choices("languages", "ky")][:3] == ["ky", "ru", "en"]
    assert vocabularies.choices("access", "ru")[0] == ("open", "открытый доступ")
