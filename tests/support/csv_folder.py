"""Folders of CSV files for imports: one of each kind that fits together, and a way to change a file."""

from pathlib import Path

GOOD = {
    "employees.csv": "employee_id,name,time_zone,country\ne1,Test Person,Europe/Moscow,RU\ne2,Second Person,,\n",
    "clients.csv": "client_id,name,employee_id,monthly_payment,currency\nc1,Client,e1,100.00,RUB\n",
    "deals.csv": (
        "deal_id,employee_id,client_id,kind,title,amount,currency,created_at,closed_at,outcome\n"
        "d1,e1,c1,new,Deal,500.00,RUB,2026-10-01T10:00:00+03:00,2026-10-05T12:00:00+03:00,won\n"
    ),
    "tasks.csv": (
        "task_id,employee_id,title,created_at,deadline,closed_at,entity_type,entity_id,kind\n"
        "t1,e1,Call,2026-10-01T10:00:00+03:00,2026-10-02,,deal,d1,call\n"
    ),
    "contacts.csv": (
        "contact_id,employee_id,at,kind,direction,duration_s,deal_id,client_id,task_id\n"
        "k1,e1,2026-10-05 11:00,call,out,300,d1,,t1\n"
    ),
    "absences.csv": "employee_id,from,to,kind,approved\ne1,2026-10-12,2026-10-13,sick,да\n",
    "plans.csv": "employee_id,period,metric,target,focus\ne1,2026-10,contracts,12,0.9\n",
}


def written(folder: Path, **changed: str) -> Path:
    """Write the good files, some of them changed: `plans="…"` replaces plans.csv, an empty text leaves it out."""
    for name, good in GOOD.items():
        text = changed.get(name.removesuffix(".csv"), good)
        (folder / name).unlink(missing_ok=True)
        if text:
            (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder
