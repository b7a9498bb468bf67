"""Words of the choice of data and of the jobs that it begins."""

from psttm_geo.core.messages import gettext

DATA_TEXTS = {
    "data_way": gettext("From where"),
    "data_way_everything": gettext("Everything, in one go"),
    "data_way_everything_caption": gettext("What is missing comes from its publishers; resumes where interrupted."),
    "data_way_file": gettext("An extract on this computer"),
    "data_way_file_caption": gettext("An OpenStreetMap file that covers the territory; no network."),
    "data_way_download": gettext("Download the extract"),
    "data_way_download_caption": gettext("North-west Italy from Geofabrik; resumes where it was interrupted."),
    "data_way_municipality": gettext("One municipality, live"),
    "data_way_municipality_caption": gettext("A few streets, at once, from Overpass; the result is a file."),
    "data_way_synthetic": gettext("A try-out with synthetic data"),
    "data_way_synthetic_caption": gettext("SYNTHETIC DATA: invented streets and services; no network."),
    "data_census_held": gettext("census sections: those of the workspace;"),
    "data_census_missing": gettext(
        "census sections: missing, so inside each municipality residents are spread over residential "
        "buildings or over streets, less precisely (`psttm-geo inputs add census` adds them);"
    ),
    "data_registers_held": gettext("official registers of services: those of the workspace;"),
    "data_registers_missing": gettext(
        "official registers of services: missing, so only the services of OpenStreetMap count "
        "(`psttm-geo inputs add registers` adds them);"
    ),
    "data_degurba_held": gettext("degree of urbanisation: that of the workspace."),
    "data_degurba_missing": gettext("degree of urbanisation: missing, so it is computed, experimentally."),
    "data_junctions": gettext("about {count} junctions"),
    "data_task_everything": gettext("Everything, in one go"),
    "data_task_file": gettext("Computation from an extract"),
    "data_task_download": gettext("Download and computation"),
    "data_task_municipality": gettext("One municipality, live"),
    "data_task_synthetic": gettext("Try-out with synthetic data"),
    "data_step_prepare": gettext("downloads, computation and GeoPackage"),
    "data_step_download": gettext("download"),
    "data_step_ask": gettext("questions to OpenStreetMap"),
    "data_step_invent": gettext("generation of the trial data"),
    "data_step_compute": gettext("computation of accessibility"),
    "data_cancel": gettext("Cancel"),
    "data_stopping": gettext("Stopping…"),
    "data_done_everything": gettext("Prepared: {about} and its report are in the workspace."),
    "data_done_file": gettext("Computed from {about}: the results are on this page."),
    "data_done_download": gettext("Downloaded {about} and computed: the results are on this page."),
    "data_done_municipality": gettext(
        "Computed for {about}, on what OpenStreetMap has of it now: map, figures and file below; the "
        "rest of the page still shows what it showed."
    ),
    "data_done_synthetic": gettext(
        "Try-out done: the results on this page are SYNTHETIC DATA, from {about}. For real ones, “An "
        "extract on this computer” or “Download the extract”."
    ),
}
